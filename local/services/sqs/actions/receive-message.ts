import { setMaxListeners } from 'node:events';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action, Call } from '#local/kernel/service.ts';
import { fairOrder, inFlightCount } from '../fair-order.ts';
import { presentMessage, type PresentedMessage, type Wanted } from '../present-message.ts';
import { numberOf, type Queue } from '../queue-store.ts';
import { integerParameter, notForThisQueueType } from '../sqs-error.ts';
import { onQueue, type QueueInput, type SqsContext } from '../sqs-context.ts';
import { topicOf } from '../topic.ts';

interface Input extends QueueInput {
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
  readonly ReceiveRequestAttemptId?: string;
}

interface Output {
  readonly Messages?: readonly PresentedMessage[];
}

interface Order {
  readonly most: number;
  readonly visibilityMs: number;
  readonly waitMs: number;
  readonly holder: string;
  readonly wanted: Wanted;
}

/** From the SQS quotas for standard queues. */
const MOST_IN_FLIGHT = 120_000;

/** ReceiveMessage: at once when there is something, else when a wake-up brings it, else empty. */
export const receiveMessage = (sqs: SqsContext): Action<Input, Output> => ({
  authorize: onQueue(sqs, 'ReceiveMessage'),
  run(input, call) {
    const queue = sqs.queues.byUrl(input.QueueUrl);
    const order = orderOf(input, queue, call);
    const taken = take(sqs, queue, order);
    if (taken.length > 0) return { Messages: taken };
    return order.waitMs > 0 ? longPoll(sqs, queue, order, call.signal) : {};
  },
});

function orderOf(input: Input, queue: Queue, call: Call): Order {
  if (input.ReceiveRequestAttemptId !== undefined) {
    throw notForThisQueueType('ReceiveRequestAttemptId', input.ReceiveRequestAttemptId);
  }
  const most = integerParameter('MaxNumberOfMessages', input.MaxNumberOfMessages, {
    min: 1,
    max: 10,
    range: 'Must be between 1 and 10, if provided.',
  });
  const visibility = integerParameter('VisibilityTimeout', input.VisibilityTimeout, {
    min: 0,
    max: 43_200,
    range: 'Must be >= 0 and <= 43200, if provided.',
  });
  const wait = integerParameter('WaitTimeSeconds', input.WaitTimeSeconds, {
    min: 0,
    max: 20,
    range: 'Must be >= 0 and <= 20, if provided.',
  });
  return {
    most: most ?? 1,
    visibilityMs: 1000 * (visibility ?? numberOf(queue, 'VisibilityTimeout')),
    waitMs: 1000 * (wait ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds')),
    holder: call.principal.kind === 'role' ? call.principal.sessionName : '',
    wanted: {
      system: [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])],
      attributes: input.MessageAttributeNames ?? [],
    },
  };
}

/** Takes messages in fair order; what was received too often goes to the dead-letter queue instead. */
function take(sqs: SqsContext, queue: Queue, order: Order): PresentedMessage[] {
  const { cloud, messages, queues } = sqs;
  const taken: PresentedMessage[] = [];
  messages.tidy(queue.name, 1000 * numberOf(queue, 'MessageRetentionPeriod'));
  const graveyard = queue.redrive && queues.findByArn(queue.redrive.deadLetterTargetArn);
  for (const seq of fairOrder(cloud.database, queue.name)) {
    if (taken.length === 0 && inFlightCount(cloud.database, queue.name) >= MOST_IN_FLIGHT) {
      if (order.waitMs > 0) break;
      throw new AwsError('OverLimit', 'The maximum number of in flight messages is reached.', 403);
    }
    const row = messages.at(seq);
    if (!row) continue;
    if (graveyard && queue.redrive && row.receive_count >= queue.redrive.maxReceiveCount) {
      messages.bury(row, graveyard.name, queue.arn);
      continue;
    }
    const handle = messages.receive(row, order.visibilityMs, order.holder);
    taken.push(presentMessage(row, handle, order.wanted, cloud.now()));
    if (taken.length === order.most) break;
  }
  return taken;
}

function longPoll(
  sqs: SqsContext,
  queue: Queue,
  order: Order,
  signal: AbortSignal,
): Promise<Output> {
  const { cloud } = sqs;
  setMaxListeners(0, signal, sqs.stopping);
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timeout);
      unsubscribe();
      signal.removeEventListener('abort', giveUp);
      sqs.stopping.removeEventListener('abort', giveUp);
      settle();
    };
    const giveUp = () => finish(() => resolve({}));
    const look = () => {
      try {
        const present = sqs.queues.named(queue.name);
        const taken = cloud.database.transaction(() => take(sqs, present, order));
        if (taken.length > 0) finish(() => resolve({ Messages: taken }));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const timeout = setTimeout(giveUp, order.waitMs);
    const unsubscribe = cloud.onWake(topicOf(cloud, queue.name), look);
    signal.addEventListener('abort', giveUp);
    sqs.stopping.addEventListener('abort', giveUp);
    if (signal.aborted || sqs.stopping.aborted) giveUp();
  });
}
