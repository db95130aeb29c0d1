import { createHash } from 'node:crypto';
import { readConversation } from './conversation.ts';
import { askPerson } from './skills/ask-person.ts';
import { cleanUp } from './skills/clean-up/clean-up.ts';
import { listFiles } from './skills/list-files.ts';
import { readPage } from './skills/read-page.ts';
import { runCode } from './skills/run-code.ts';
import type { Move, Skill } from './skills/skill.ts';
import { writeText } from './skills/write-text.ts';
import { countTokens, cutToTokens } from './tokens.ts';
import {
  textOf,
  WireError,
  type AssistantMessage,
  type Completion,
  type CompletionRequest,
  type FinishReason,
} from './wire.ts';

/** The model's name on the wire. */
export const MODEL = 'mirai-tour';

/** What the model can do; the first whose words fit is taken. */
const SKILLS: readonly Skill[] = [runCode, askPerson, writeText, readPage, cleanUp, listFiles];

/**
 * Answers a chat completion. The same request has always the same answer, but for its time.
 *
 * @param createdSeconds seconds since the epoch
 * @throws WireError for what the model does not serve
 */
export function complete(request: CompletionRequest, createdSeconds: number): Completion {
  refuseUnserved(request);
  const { model, messages, tools } = request;
  const asked = JSON.stringify([model, messages, tools]);
  const digest = createHash('sha256').update(asked).digest('hex');
  const move = nextMove(request);
  const most = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const { message, finishReason, tokens } = speak(move, digest, most);
  const promptTokens = countPrompt(request);
  return {
    id: `chatcmpl-${digest.slice(0, 24)}`,
    object: 'chat.completion',
    created: createdSeconds,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: tokens,
      total_tokens: promptTokens + tokens,
    },
  };
}

function refuseUnserved({
  n,
  tool_choice: choice,
  response_format: format,
}: CompletionRequest): void {
  if ((n ?? 1) !== 1) throw new WireError(400, 'mirai-tour gives one choice.', 'n');
  if (choice !== undefined && choice !== null && choice !== 'auto' && choice !== 'none')
    throw new WireError(400, 'mirai-tour chooses tools by itself: auto or none.', 'tool_choice');
  if (format && format.type !== 'text')
    throw new WireError(400, 'mirai-tour answers in plain text only.', 'response_format');
}

function nextMove(request: CompletionRequest): Move {
  const conversation = readConversation(
    request.tool_choice === 'none' ? { ...request, tools: [] } : request,
  );
  for (const skill of SKILLS) {
    const move = skill.next(conversation);
    if (move) return move;
  }
  const abilities = SKILLS.map(({ can }) => `- ${can}`).join('\n');
  return {
    say: `I am mirai-tour, a small model for showing Mirai around, and I do not understand what this asks of me. I can:\n${abilities}`,
  };
}

interface Spoken {
  readonly message: AssistantMessage;
  readonly finishReason: FinishReason;
  readonly tokens: number;
}

/** Puts a move into words; what does not fit into the limit is cut off, as any model has it. */
function speak(move: Move, digest: string, most: number): Spoken {
  const said = 'say' in move ? move.say : move.because;
  const content = countTokens(said) > most ? cutToTokens(said, most) : said;
  let tokens = countTokens(content);
  let isCut = content !== said;
  const toolCalls = ('call' in move ? move.call : []).flatMap(({ tool, input }, index) => {
    if (isCut) return [];
    const whole = JSON.stringify(input);
    const left = Math.max(0, most - tokens - countTokens(tool));
    const cut = countTokens(whole) > left ? cutToTokens(whole, left) : whole;
    isCut = cut !== whole;
    tokens += countTokens(tool) + countTokens(cut);
    const id = `call_${createHash('sha256').update(`${digest} ${index}`).digest('hex').slice(0, 24)}`;
    return [{ id, type: 'function' as const, function: { name: tool, arguments: cut } }];
  });
  const message = {
    role: 'assistant' as const,
    content: content === '' ? null : content,
    refusal: null,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
  const finishReason = toolCalls.length > 0 ? 'tool_calls' : 'stop';
  return { message, finishReason: isCut ? 'length' : finishReason, tokens };
}

/** Tokens of everything that was sent; each message costs 4 more for its frame. */
function countPrompt({ messages, tools }: CompletionRequest): number {
  const spoken = messages.reduce((sum, message) => {
    const calls = (message.tool_calls ?? []).map(
      (call) => call.function.name + call.function.arguments,
    );
    return sum + 4 + countTokens(textOf(message)) + countTokens(calls.join(' '));
  }, 0);
  return spoken + (tools.length > 0 ? countTokens(JSON.stringify(tools)) : 0);
}
