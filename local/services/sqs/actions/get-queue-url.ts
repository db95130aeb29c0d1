import type { Action } from '#local/kernel/service.ts';
import { missingParameter, noSuchQueue } from '../sqs-error.ts';
import type { SqsContext } from '../sqs-context.ts';

interface Input {
  readonly QueueName?: string;
  readonly QueueOwnerAWSAccountId?: string;
}

/** GetQueueUrl. */
export const getQueueUrl = (sqs: SqsContext): Action<Input> => ({
  reads: true,
  authorize({ QueueName, QueueOwnerAWSAccountId }) {
    if (!QueueName) throw missingParameter('QueueName');
    if ((QueueOwnerAWSAccountId ?? sqs.cloud.account) !== sqs.cloud.account) throw noSuchQueue();
    return [{ action: 'sqs:GetQueueUrl', resource: sqs.queues.named(QueueName).arn }];
  },
  run: ({ QueueName }) => ({ QueueUrl: sqs.queues.url(QueueName ?? '') }),
});
