import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { TaskMessage } from '#shared/domain/task/task.ts';

const sqs = new SQSClient({});

export interface QueueEnv {
  readonly MAIN_QUEUE_URL: string;
  readonly HIGH_QUEUE_URL: string;
}

/**
 * Sends a task's name to its queue. The tenant is the message group, so that a noisy tenant does not
 * delay a quiet one (fair queues).
 *
 * @param delaySeconds 0 to 900
 */
export async function enqueueTask(
  env: QueueEnv,
  priority: 'normal' | 'high',
  message: TaskMessage,
  delaySeconds = 0,
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: priority === 'high' ? env.HIGH_QUEUE_URL : env.MAIN_QUEUE_URL,
      MessageBody: JSON.stringify(message),
      MessageGroupId: message.tenant,
      DelaySeconds: delaySeconds > 0 ? delaySeconds : undefined,
    }),
  );
}

/** Sends a task that ran out of retries to the dead-letter queue, with the reason. */
export async function deadLetterTask(
  queueUrl: string,
  message: TaskMessage,
  reason: string,
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(message),
      MessageGroupId: message.tenant,
      MessageAttributes: { reason: { DataType: 'String', StringValue: reason.slice(0, 1000) } },
    }),
  );
}
