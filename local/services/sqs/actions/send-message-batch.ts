import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { acceptMessage, sizeOf, type MessageInput } from '../accept-message.ts';
import { runBatch } from '../batch.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

interface Input extends QueueInput {
  readonly Entries?: readonly (MessageInput & { readonly Id?: string })[];
}

/** All entries together: 1 MiB, from the message quotas of SQS. */
const MOST_BYTES = 1_048_576;

/** SendMessageBatch. */
export const sendMessageBatch = (sqs: SqsContext): Action<Input> => ({
  authorize: onQueue(sqs, 'SendMessage'),
  run({ QueueUrl, Entries }, { principal }) {
    const queue = sqs.queues.byUrl(QueueUrl);
    const bytes = (Entries ?? []).reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (bytes > MOST_BYTES) {
      throw new AwsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${MOST_BYTES} bytes. You have sent ${bytes} bytes.`,
      );
    }
    return runBatch(Entries, (entry) => acceptMessage(sqs, queue, entry, principal));
  },
});
