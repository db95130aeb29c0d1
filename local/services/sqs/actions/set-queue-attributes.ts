import type { Action } from '#local/kernel/service.ts';
import { withChanges, type QueueAttributes } from '../queue-attributes.ts';
import { checkDeadLetterQueue } from '../dead-letter.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

interface Input extends QueueInput {
  readonly Attributes?: QueueAttributes;
}

/** SetQueueAttributes; a policy is refused, since the template declares it. */
export const setQueueAttributes = (sqs: SqsContext): Action<Input> => ({
  authorize: onQueue(sqs, 'SetQueueAttributes'),
  run({ QueueUrl, Attributes = {} }) {
    const queue = sqs.queues.byUrl(QueueUrl);
    const attributes = withChanges(queue.attributes, Attributes);
    checkDeadLetterQueue(sqs.queues, queue.arn, attributes);
    sqs.queues.setAttributes(queue.name, attributes);
    sqs.messages.wake(queue.name);
    return {};
  },
});
