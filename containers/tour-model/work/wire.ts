import * as z from 'zod/mini';

/** One part of a message whose content is a list. Parts other than text are not understood. */
const TextPart = z.looseObject({ type: z.string(), text: z.optional(z.string()) });
const Content = z.nullish(z.union([z.string(), z.array(TextPart)]));

const WireToolCall = z.looseObject({
  id: z.string(),
  type: z._default(z.literal('function'), 'function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const Message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: Content,
  tool_calls: z.optional(z.nullable(z.array(WireToolCall))),
  tool_call_id: z.optional(z.string()),
});
export type Message = z.infer<typeof Message>;

const OfferedTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().check(z.minLength(1)),
    description: z.optional(z.string()),
    parameters: z.optional(z.record(z.string(), z.unknown())),
  }),
});

const AtLeastOne = z.optional(z.nullable(z.int().check(z.gte(1))));

/** The part of OpenAI's `POST /v1/chat/completions` that the model reads; the rest is let be. */
export const CompletionRequest = z.looseObject({
  model: z.string().check(z.minLength(1)),
  messages: z.array(Message).check(z.minLength(1)),
  tools: z._default(z.array(OfferedTool).check(z.maxLength(128)), []),
  tool_choice: z.optional(z.unknown()),
  response_format: z.optional(z.nullable(z.looseObject({ type: z.string() }))),
  n: z.optional(z.nullable(z.int())),
  max_tokens: AtLeastOne,
  max_completion_tokens: AtLeastOne,
  stream: z.optional(z.nullable(z.boolean())),
  stream_options: z.optional(z.nullable(z.looseObject({ include_usage: z.optional(z.boolean()) }))),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** A tool call as it stands on the wire: the arguments are JSON in a string. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export type FinishReason = 'stop' | 'tool_calls' | 'length';

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly refusal: null;
  readonly tool_calls?: readonly ToolCall[];
}

/** The answer to a request that does not stream. */
export interface Completion {
  readonly id: string;
  readonly object: 'chat.completion';
  /** Seconds since the epoch. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly [
    {
      readonly index: 0;
      readonly message: AssistantMessage;
      readonly logprobs: null;
      readonly finish_reason: FinishReason;
    },
  ];
  readonly usage: Usage;
}

/** A refusal in OpenAI's shape, with its HTTP status. */
export class WireError extends Error {
  readonly status: number;
  readonly body: {
    readonly error: {
      readonly message: string;
      readonly type: string;
      readonly param: string | null;
      readonly code: string | null;
    };
  };

  constructor(status: number, message: string, param: string | null, code: string | null = null) {
    super(message);
    this.status = status;
    const type = status >= 500 ? 'server_error' : 'invalid_request_error';
    this.body = { error: { message, type, param, code } };
  }
}

/** The text of a message, whichever way its content is written. */
export function textOf(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  return (message.content ?? []).map((part) => part.text ?? '').join('');
}
