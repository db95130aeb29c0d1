import type { Conversation, Observation } from '../conversation.ts';

/** What the model does next: says something and ends, or calls tools, several at once if need be. */
export type Move =
  | { readonly say: string }
  | {
      readonly call: readonly { readonly tool: string; readonly input: Record<string, unknown> }[];
      /** A sentence for whoever reads along. */
      readonly because: string;
    };

/** One thing that the model can do. It keeps nothing: the next move follows from what was said. */
export interface Skill {
  /** Completes the sentence "I can …". */
  readonly can: string;
  /** The next move, or undefined when the words ask for something else. */
  next(conversation: Conversation): Move | undefined;
}

/** A move that calls one tool, or says plainly that the tool is not there. */
export function callTool(
  { tools }: Conversation,
  tool: string,
  input: Record<string, unknown>,
  because: string,
): Move {
  if (tools.has(tool)) return { call: [{ tool, input }], because };
  return { say: `For this I need the tool ${tool}, and it is not offered to me.` };
}

/** How an action that was not carried out ended, as the rest of a sentence that begins with it. */
export function whatBecame({ status, reason }: Observation): string {
  const why = reason ? ` (${reason})` : '';
  switch (status) {
    case 'denied':
      return `was denied by policy${why}`;
    case 'refused':
      return `was refused by a person${why}`;
    case 'expired':
      return `was not carried out, because nobody answered in time${why}`;
    case 'failed':
      return `failed${why}`;
    case 'invalid':
      return `was not accepted${why}`;
    case 'unknown':
      return `may have happened or not; nobody can tell${why}`;
    default:
      return `ended as “${status}”${why}`;
  }
}
