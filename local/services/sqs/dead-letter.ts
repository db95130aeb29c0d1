import { allowsRedriveFrom, parseRedrivePolicy, type QueueAttributes } from './queue-attributes.ts';
import type { Queue, QueueStore } from './queue-store.ts';
import { invalidParameter } from './sqs-error.ts';

/** @throws AwsError InvalidParameterValue when the queue may not redrive to where it says */
export function checkDeadLetterQueue(
  queues: QueueStore,
  sourceArn: string,
  attributes: QueueAttributes,
): void {
  const text = attributes.RedrivePolicy;
  if (text === undefined) return;
  const target = queues.findByArn(parseRedrivePolicy(text).deadLetterTargetArn);
  const fault = (reason: string) =>
    invalidParameter(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  if (!target) throw fault('Dead letter target does not exist.');
  if (!allowsRedriveFrom(target.attributes.RedriveAllowPolicy, sourceArn)) {
    throw fault('Queue does not have permission to redrive to the dead letter target.');
  }
}

/** The queues that redrive to this one. */
export const sourcesOf = (queues: QueueStore, deadLetterQueue: Queue): Queue[] =>
  queues.all().filter((queue) => queue.redrive?.deadLetterTargetArn === deadLetterQueue.arn);
