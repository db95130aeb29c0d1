/** One message of a conversation, in the chat-completions wire's terms. */
export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | {
      readonly role: 'assistant';
      readonly content: string | null;
      readonly calls: readonly ModelCall[];
    }
  | { readonly role: 'tool'; readonly callId: string; readonly content: string };

/** A tool call as the model wrote it: `input` is what its JSON said, or undefined when it was none. */
export interface ModelCall {
  readonly id: string;
  readonly tool: string;
  readonly input: unknown;
}

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema. */
  readonly parameters: Record<string, unknown>;
}

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
}

export type ModelAnswer =
  | {
      readonly kind: 'answered';
      readonly text: string | null;
      readonly calls: readonly ModelCall[];
      readonly tokens: { readonly input: number; readonly output: number };
    }
  /** Nothing usable came: endpoint down, limited, timed out, or an answer that is none. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** A language model that proposes; it can carry out nothing. */
export interface LanguageModel {
  readonly name: string;
  ask(request: ModelRequest): Promise<ModelAnswer>;
}
