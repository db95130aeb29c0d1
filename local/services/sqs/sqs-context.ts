import type { Cloud } from '#local/kernel/cloud.ts';
import type { IamRequest } from '#local/kernel/service.ts';
import type { MessageStore } from './message-store.ts';
import type { MoveTasks } from './move-tasks.ts';
import type { QueueStore } from './queue-store.ts';

/** What every SQS action works with. */
export interface SqsContext {
  readonly cloud: Cloud;
  readonly queues: QueueStore;
  readonly messages: MessageStore;
  readonly moves: MoveTasks;
  /** Ends long polls when the service stops. */
  readonly stopping: AbortSignal;
}

/** An input that names a queue by its URL. */
export interface QueueInput {
  readonly QueueUrl?: string;
}

/** Asks for one IAM action on the queue that the input names. @throws AwsError QueueDoesNotExist */
export const onQueue =
  (sqs: SqsContext, action: string) =>
  (input: QueueInput): IamRequest[] => [
    { action: `sqs:${action}`, resource: sqs.queues.byUrl(input.QueueUrl).arn },
  ];
