import type { Completion } from './wire.ts';

/** Characters of content or arguments in one chunk. */
const CHUNK_CHARACTERS = 400;

/**
 * The same completion as the chunks of a stream: role, content and arguments in pieces, the reason
 * for the end, and the usage where it is asked for.
 */
export function chunksOf(completion: Completion, includeUsage: boolean): unknown[] {
  const { id, created, model, usage } = completion;
  const [{ message, finish_reason: finishReason }] = completion.choices;
  const chunk = (delta: unknown, reason: string | null = null) => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    ...(includeUsage && { usage: null }),
  });
  const calls = (message.tool_calls ?? []).flatMap((call, index) => [
    chunk({
      tool_calls: [
        {
          index,
          id: call.id,
          type: call.type,
          function: { name: call.function.name, arguments: '' },
        },
      ],
    }),
    ...pieces(call.function.arguments).map((piece) =>
      chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
    ),
  ]);
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces(message.content ?? '').map((piece) => chunk({ content: piece })),
    ...calls,
    chunk({}, finishReason),
    ...(includeUsage
      ? [{ id, object: 'chat.completion.chunk', created, model, choices: [], usage }]
      : []),
  ];
}

/** Cuts between whole characters, never inside a surrogate pair. */
function pieces(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${CHUNK_CHARACTERS}}`, 'gu')) ?? [];
}
