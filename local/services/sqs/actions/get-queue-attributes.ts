import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { numberOf, type Queue } from '../queue-store.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

interface Input extends QueueInput {
  readonly AttributeNames?: readonly string[];
}

/** The names that GetQueueAttributes takes, from its reference. */
const NAMES = [
  'All',
  'Policy',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
  'ApproximateNumberOfMessagesDelayed',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'RedriveAllowPolicy',
  'SqsManagedSseEnabled',
];

/** GetQueueAttributes. */
export const getQueueAttributes = (sqs: SqsContext): Action<Input> => ({
  authorize: onQueue(sqs, 'GetQueueAttributes'),
  run({ QueueUrl, AttributeNames = [] }) {
    for (const name of AttributeNames) {
      if (!NAMES.includes(name)) {
        throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
      }
    }
    const all = Object.entries(attributesOf(sqs, sqs.queues.byUrl(QueueUrl)));
    const wanted = all.filter(
      ([name]) => AttributeNames.includes('All') || AttributeNames.includes(name),
    );
    return wanted.length > 0 ? { Attributes: Object.fromEntries(wanted) } : {};
  },
});

function attributesOf(sqs: SqsContext, queue: Queue): Record<string, string> {
  sqs.messages.tidy(queue.name, 1000 * numberOf(queue, 'MessageRetentionPeriod'));
  const { ready, inFlight, delayed } = sqs.messages.counts(queue.name);
  return {
    ...queue.attributes,
    ...(queue.policy ? { Policy: JSON.stringify(queue.policy) } : {}),
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(ready),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.created / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
  };
}
