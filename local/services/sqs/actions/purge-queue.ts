import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

const ONCE_IN_MS = 60_000;

/** PurgeQueue: everything goes, also what is in flight. */
export const purgeQueue = (sqs: SqsContext): Action<QueueInput> => ({
  authorize: onQueue(sqs, 'PurgeQueue'),
  run({ QueueUrl }) {
    const queue = sqs.queues.byUrl(QueueUrl);
    if (queue.purged > sqs.cloud.now() - ONCE_IN_MS) {
      throw new AwsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        403,
      );
    }
    sqs.messages.purge(queue.name);
    sqs.queues.markPurged(queue.name);
    return {};
  },
});
