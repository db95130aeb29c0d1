import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
} from './actions/change-message-visibility.ts';
import { deleteMessage, deleteMessageBatch } from './actions/delete-message.ts';
import { getQueueAttributes } from './actions/get-queue-attributes.ts';
import { getQueueUrl } from './actions/get-queue-url.ts';
import { listDeadLetterSourceQueues } from './actions/list-dead-letter-source-queues.ts';
import { listQueues } from './actions/list-queues.ts';
import {
  cancelMessageMoveTask,
  listMessageMoveTasks,
  startMessageMoveTask,
} from './actions/message-move-task.ts';
import { purgeQueue } from './actions/purge-queue.ts';
import { receiveMessage } from './actions/receive-message.ts';
import { sendMessageBatch } from './actions/send-message-batch.ts';
import { sendMessage } from './actions/send-message.ts';
import { setQueueAttributes } from './actions/set-queue-attributes.ts';
import { MessageStore } from './message-store.ts';
import { MoveTasks } from './move-tasks.ts';
import { queuePolicyResource, queueResource } from './queue-resources.ts';
import { QueueStore } from './queue-store.ts';
import type { SqsContext } from './sqs-context.ts';
import { sqsWire } from './wire.ts';

/**
 * Amazon SQS with standard and fair queues, durable in SQLite. Wakes the topic `sqs:<queue arn>`
 * whenever a message may have become visible.
 */
export function sqsService(cloud: Cloud): Service {
  const queues = new QueueStore(cloud);
  const messages = new MessageStore(cloud);
  const moves = new MoveTasks(cloud, queues, messages);
  const stopping = new AbortController();
  const sqs: SqsContext = { cloud, queues, messages, moves, stopping: stopping.signal };
  return {
    name: 'sqs',
    wire: sqsWire(),
    actions: {
      SendMessage: sendMessage(sqs),
      SendMessageBatch: sendMessageBatch(sqs),
      ReceiveMessage: receiveMessage(sqs),
      DeleteMessage: deleteMessage(sqs),
      DeleteMessageBatch: deleteMessageBatch(sqs),
      ChangeMessageVisibility: changeMessageVisibility(sqs),
      ChangeMessageVisibilityBatch: changeMessageVisibilityBatch(sqs),
      GetQueueUrl: getQueueUrl(sqs),
      GetQueueAttributes: getQueueAttributes(sqs),
      SetQueueAttributes: setQueueAttributes(sqs),
      ListQueues: listQueues(sqs),
      ListDeadLetterSourceQueues: listDeadLetterSourceQueues(sqs),
      PurgeQueue: purgeQueue(sqs),
      StartMessageMoveTask: startMessageMoveTask(sqs),
      ListMessageMoveTasks: listMessageMoveTasks(sqs),
      CancelMessageMoveTask: cancelMessageMoveTask(sqs),
    },
    resources: [queueResource(sqs), queuePolicyResource(sqs)],
    resourcePolicy: (arn) => queues.findByArn(arn)?.policy,
    start() {
      messages.start();
      moves.start();
    },
    async stop() {
      stopping.abort();
      messages.stop();
      moves.stop();
      // Long polls that ended just now write their journal rows before the store closes.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
