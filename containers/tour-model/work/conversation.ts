import { textOf, type CompletionRequest, type Message } from './wire.ts';

/** What a tool gave back, as it stands in the tool message. */
export interface Observation {
  /** `done`, `denied`, `refused`, `expired`, `failed`, or a word that the model does not know. */
  readonly status: string;
  readonly output: unknown;
  /** Why it did not come to its end, in words; empty when nothing is said. */
  readonly reason: string;
}

/** A tool call that the model made before, with what came of it. */
export interface PastCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly observation: Observation;
}

export interface KnownFile {
  readonly name: string;
  readonly mediaType: string;
}

/** Everything that the wire says, put in order. */
export interface Conversation {
  /** The task in words: the last thing that the user said. */
  readonly words: string;
  /** Addresses by the contact's name in lower case. */
  readonly contacts: ReadonlyMap<string, string>;
  /** Files that the instructions list. */
  readonly files: readonly KnownFile[];
  /** Names of the tools that are offered. */
  readonly tools: ReadonlySet<string>;
  /** Calls since the user spoke, oldest first. */
  readonly past: readonly PastCall[];
}

/** Reads a request as a conversation. */
export function readConversation(request: CompletionRequest): Conversation {
  const { messages } = request;
  const instructions = messages
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(textOf)
    .join('\n');
  const spoke = messages.findLastIndex(({ role }) => role === 'user');
  const asked = messages[spoke];
  return {
    words: asked ? textOf(asked).trim() : '',
    contacts: readContacts(instructions),
    files: readFiles(instructions),
    tools: new Set(request.tools.map((tool) => tool.function.name)),
    past: readPast(messages.slice(spoke + 1)),
  };
}

/** The last call of a tool, or undefined when it was not called yet. */
export const lastCall = (conversation: Conversation, tool: string): PastCall | undefined =>
  conversation.past.findLast((call) => call.tool === tool);

function readContacts(instructions: string): Map<string, string> {
  const line =
    /^\s*(?:[-*]\s+)?(\p{L}[\p{L}\p{N} _.-]{0,60}?)\s*:\s*<?([^\s@<>]+@[^\s@<>]+?)>?\s*$/gmu;
  return new Map(
    [...instructions.matchAll(line)].map(([, name = '', address = '']) => [
      name.toLowerCase(),
      address,
    ]),
  );
}

function readFiles(instructions: string): KnownFile[] {
  const line = /^\s*[-*]\s+(\S.*?)\s+\(([\w.+-]+\/[\w.+-]+(?:;[^(),]*)?)(?:,[^()]*)?\)\s*$/gm;
  return [...instructions.matchAll(line)].map(([, name = '', mediaType = '']) => ({
    name,
    mediaType,
  }));
}

function readPast(messages: readonly Message[]): PastCall[] {
  const answers = new Map(
    messages
      .filter(({ role }) => role === 'tool')
      .map((message) => [message.tool_call_id ?? '', readObservation(textOf(message))]),
  );
  return messages
    .flatMap((message) => message.tool_calls ?? [])
    .map((call) => ({
      tool: call.function.name,
      input: asRecord(parseJson(call.function.arguments)),
      observation: answers.get(call.id) ?? { status: 'missing', output: null, reason: '' },
    }));
}

function readObservation(text: string): Observation {
  const value = asRecord(parseJson(text));
  return {
    status: typeof value['status'] === 'string' ? value['status'] : 'unreadable',
    output: value['output'] ?? null,
    reason: inWords(value['reason'] ?? value['reasons'] ?? value['error'] ?? value['message']),
  };
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(inWords).filter(Boolean).join('; ');
  const { message, detail, reason, code } = asRecord(value);
  return [message, detail, reason, code].find((part) => typeof part === 'string') ?? '';
}

/** The value when it is an object with members, else an empty one. */
export const asRecord = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** The first of the named members that is a string. */
export function stringIn(value: unknown, ...names: string[]): string | undefined {
  const record = asRecord(value);
  return names.map((name) => record[name]).find((member) => typeof member === 'string');
}

/** What the text says as JSON, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
