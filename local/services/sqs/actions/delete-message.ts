import type { Action } from '#local/kernel/service.ts';
import { runBatch } from '../batch.ts';
import { parseReceiptHandle } from '../receipt-handle.ts';
import type { Queue } from '../queue-store.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

interface Entry {
  readonly Id?: string;
  readonly ReceiptHandle?: string;
}

/** DeleteMessage. */
export const deleteMessage = (sqs: SqsContext): Action<QueueInput & Entry> => ({
  authorize: onQueue(sqs, 'DeleteMessage'),
  run: (input) => remove(sqs, sqs.queues.byUrl(input.QueueUrl), input),
});

/** DeleteMessageBatch. */
export const deleteMessageBatch = (
  sqs: SqsContext,
): Action<QueueInput & { readonly Entries?: readonly Entry[] }> => ({
  authorize: onQueue(sqs, 'DeleteMessage'),
  run(input) {
    const queue = sqs.queues.byUrl(input.QueueUrl);
    return runBatch(input.Entries, (entry) => remove(sqs, queue, entry));
  },
});

function remove(sqs: SqsContext, queue: Queue, { ReceiptHandle }: Entry): Record<string, never> {
  sqs.messages.remove(queue.name, parseReceiptHandle(queue.name, ReceiptHandle));
  return {};
}
