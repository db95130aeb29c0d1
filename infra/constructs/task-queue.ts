import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { onlyHttps } from './only-https.ts';

/** Deliveries of one message before it goes to the dead-letter queue. */
const MAX_RECEIVES = 5;

/** The queues of tasks: normal, urgent, and those that need an operator. */
export class TaskQueue extends Construct {
  readonly main: Queue;
  readonly high: Queue;
  readonly dead: Queue;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: string }) {
    super(scope, id);
    const encrypted = { encryption: QueueEncryption.SQS_MANAGED };
    this.dead = new Queue(this, 'Dead', {
      ...encrypted,
      queueName: `mirai-${stage}-dead`,
      retentionPeriod: Duration.days(14),
    });
    const live = {
      ...encrypted,
      // Six times the consumer's timeout, as AWS advises for event source mappings.
      visibilityTimeout: Duration.seconds(180),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: MAX_RECEIVES },
    };
    this.main = new Queue(this, 'Main', { ...live, queueName: `mirai-${stage}-main` });
    this.high = new Queue(this, 'High', { ...live, queueName: `mirai-${stage}-high` });
    for (const queue of [this.main, this.high, this.dead]) onlyOverHttps(queue);
  }
}

/** Refuses requests without TLS that read, change or count a queue's messages. */
export function onlyOverHttps(queue: Queue): void {
  queue.addToResourcePolicy(onlyHttps(MESSAGE_ACTIONS, [queue.queueArn]));
}

const MESSAGE_ACTIONS = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:PurgeQueue',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'sqs:SetQueueAttributes',
  'sqs:StartMessageMoveTask',
];
