import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { runBatch } from '../batch.ts';
import { parseReceiptHandle } from '../receipt-handle.ts';
import type { Queue } from '../queue-store.ts';
import { integerParameter, invalidParameter, missingParameter } from '../sqs-error.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

interface Entry {
  readonly Id?: string;
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

/** A message stays in flight at most 12 hours after it was received. */
const MOST_SECONDS = 43_200;

/** ChangeMessageVisibility. */
export const changeMessageVisibility = (sqs: SqsContext): Action<QueueInput & Entry> => ({
  authorize: onQueue(sqs, 'ChangeMessageVisibility'),
  run: (input) => change(sqs, sqs.queues.byUrl(input.QueueUrl), input),
});

/** ChangeMessageVisibilityBatch. */
export const changeMessageVisibilityBatch = (
  sqs: SqsContext,
): Action<QueueInput & { readonly Entries?: readonly Entry[] }> => ({
  authorize: onQueue(sqs, 'ChangeMessageVisibility'),
  run(input) {
    const queue = sqs.queues.byUrl(input.QueueUrl);
    return runBatch(input.Entries, (entry) => change(sqs, queue, entry));
  },
});

function change(sqs: SqsContext, queue: Queue, entry: Entry): Record<string, never> {
  const { seq, token } = parseReceiptHandle(queue.name, entry.ReceiptHandle);
  const seconds = integerParameter('VisibilityTimeout', entry.VisibilityTimeout, {
    min: 0,
    max: MOST_SECONDS,
    range: `VisibilityTimeout must be an integer between 0 and ${MOST_SECONDS}.`,
  });
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  const row = sqs.messages.at(seq);
  if (row?.queue !== queue.name || row.receipt !== token) {
    throw invalidParameter(
      `Value ${entry.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  const now = sqs.cloud.now();
  if (row.hidden === 0 || row.visible_at <= now) {
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  }
  if (now + seconds * 1000 - row.received_at > MOST_SECONDS * 1000) {
    throw invalidParameter(
      `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${MOST_SECONDS} seconds].`,
    );
  }
  sqs.messages.hideFor(row, seconds * 1000);
  return {};
}
