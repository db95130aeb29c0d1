import OpenAI, { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import type { ChatCompletion, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import * as z from 'zod/mini';
import type {
  LanguageModel,
  ModelAnswer,
  ModelMessage,
  ModelRequest,
} from '#shared/ports/language-model.ts';

const ANSWER_TIMEOUT_MS = 120_000;
/** Tries beyond the first inside one call; the state machine's retries come on top. */
const RETRIES = 2;

/** What must be there of an answer before anything of it is believed. */
const Answer = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.nullish(z.string()),
          refusal: z.nullish(z.string()),
          tool_calls: z.nullish(
            z.array(
              z.object({
                id: z.string(),
                type: z.literal('function'),
                function: z.object({ name: z.string(), arguments: z.string() }),
              }),
            ),
          ),
        }),
      }),
    )
    .check(z.minLength(1)),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
});

/** A model behind any endpoint that speaks OpenAI's chat completions. */
export function chatModel(settings: {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: string;
}): LanguageModel {
  const client = new OpenAI({
    apiKey: settings.apiKey,
    baseURL: settings.baseUrl,
    maxRetries: RETRIES,
    timeout: ANSWER_TIMEOUT_MS,
  });
  return {
    name: settings.name,
    async ask(request) {
      try {
        return read(await complete(client, settings.name, request));
      } catch (error) {
        if (error instanceof APIUserAbortError) return { kind: 'unavailable', reason: 'cancelled' };
        if (error instanceof APIConnectionError) {
          return { kind: 'unavailable', reason: `no connection: ${error.message}` };
        }
        if (error instanceof APIError) {
          return {
            kind: 'unavailable',
            reason: `status ${String(error.status)}: ${error.message}`,
          };
        }
        if (error instanceof SyntaxError) {
          return { kind: 'unavailable', reason: 'the answer is not JSON' };
        }
        throw error;
      }
    },
  };
}

const complete = (client: OpenAI, model: string, request: ModelRequest): Promise<ChatCompletion> =>
  client.chat.completions.create(
    {
      model,
      messages: request.messages.map(onWire),
      tools: request.tools.map((tool) => ({ type: 'function', function: { ...tool } })),
      max_completion_tokens: request.maxOutputTokens,
    },
    { signal: request.signal },
  );

function read(completion: unknown): ModelAnswer {
  const parsed = Answer.safeParse(completion);
  if (!parsed.success)
    return { kind: 'unavailable', reason: 'the answer is not a chat completion' };
  const { choices, usage } = parsed.data;
  const message = choices[0]?.message;
  if (message?.refusal) return { kind: 'refused', reason: message.refusal };
  const calls = (message?.tool_calls ?? []).map((call) => ({
    id: call.id,
    tool: call.function.name,
    input: jsonOrUndefined(call.function.arguments),
  }));
  const text = message?.content ?? null;
  if (calls.length === 0 && (text === null || text.trim() === '')) {
    return { kind: 'unavailable', reason: 'the answer is empty' };
  }
  const tokens = { input: usage.prompt_tokens, output: usage.completion_tokens };
  return { kind: 'answered', text, calls, tokens };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text) as unknown;
  } catch {
    return undefined;
  }
}

function onWire(message: ModelMessage): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.content };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content,
        ...(message.calls.length === 0
          ? {}
          : {
              tool_calls: message.calls.map(({ id, tool, input }) => ({
                id,
                type: 'function' as const,
                function: { name: tool, arguments: JSON.stringify(input ?? {}) },
              })),
            }),
      };
  }
}
