import type { Action } from '#local/kernel/service.ts';
import { acceptMessage, type AcceptedMessage, type MessageInput } from '../accept-message.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';

/** SendMessage. */
export const sendMessage = (
  sqs: SqsContext,
): Action<QueueInput & MessageInput, AcceptedMessage> => ({
  authorize: onQueue(sqs, 'SendMessage'),
  run: (input, { principal }) =>
    acceptMessage(sqs, sqs.queues.byUrl(input.QueueUrl), input, principal),
});
