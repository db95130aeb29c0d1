import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { PolicyDocument, ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { checkDeadLetterQueue } from './dead-letter.ts';
import { DEFAULT_ATTRIBUTES, withChanges } from './queue-attributes.ts';
import type { SqsContext } from './sqs-context.ts';

const ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
  // Kept and shown, but nothing is encrypted with the key.
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
];

/** AWS::SQS::Queue, standard queues only. `Ref` is the queue's URL, as on AWS. */
export const queueResource = (sqs: SqsContext): ResourceProvider => ({
  type: 'AWS::SQS::Queue',
  upsert(resource) {
    const { QueueName, FifoQueue, ...properties } = takeProperties(resource, {
      served: ['QueueName', 'FifoQueue', ...ATTRIBUTES],
      inert: ['Tags'],
    });
    const name = queueName(QueueName ?? resource.defaultName);
    if (isTrue(FifoQueue) || name.endsWith('.fifo')) throw notServed(`FIFO queues (${name})`);
    const changes = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
    const attributes = withChanges(DEFAULT_ATTRIBUTES, changes);
    checkDeadLetterQueue(sqs.queues, sqs.queues.arn(name), attributes);
    sqs.queues.declare(name, attributes);
    return {
      ref: sqs.queues.url(name),
      attributes: {
        Arn: sqs.queues.arn(name),
        QueueName: name,
        QueueUrl: sqs.queues.url(name),
      },
    };
  },
  remove(ref) {
    const { name } = sqs.queues.byUrl(ref);
    sqs.messages.purge(name);
    sqs.queues.remove(name);
  },
});

/** AWS::SQS::QueuePolicy: one policy for each of its queues, in place of what stood there. */
export const queuePolicyResource = (sqs: SqsContext): ResourceProvider => ({
  type: 'AWS::SQS::QueuePolicy',
  upsert(resource) {
    const { Queues, PolicyDocument: policy } = takeProperties(resource, {
      served: ['Queues', 'PolicyDocument'],
    });
    const names = (Queues as string[]).map((url) => sqs.queues.byUrl(url).name);
    sqs.queues.setPolicy(resource.defaultName, names, policy as PolicyDocument);
    return { ref: resource.defaultName, attributes: { Id: resource.defaultName } };
  },
  remove: (ref) => sqs.queues.setPolicy(ref, [], undefined),
});

function queueName(name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/.test(name)) return name;
  throw new AwsError(
    'InvalidParameterValueException',
    `The queue name ${String(name)} is invalid. Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.`,
  );
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';
