import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action, IamRequest } from '#local/kernel/service.ts';
import { sourcesOf } from '../dead-letter.ts';
import type { MoveTask } from '../move-tasks.ts';
import { numberOf, type Queue } from '../queue-store.ts';
import { integerParameter, invalidParameter, missingParameter } from '../sqs-error.ts';
import type { SqsContext } from '../sqs-context.ts';

interface StartInput {
  readonly SourceArn?: string;
  readonly DestinationArn?: string;
  readonly MaxNumberOfMessagesPerSecond?: number;
}

/** StartMessageMoveTask. Without a destination each message goes back to where it came from. */
export const startMessageMoveTask = (sqs: SqsContext): Action<StartInput> => ({
  authorize(input) {
    const source = queueOf(sqs, 'SourceArn', input.SourceArn);
    const targets = input.DestinationArn
      ? [queueOf(sqs, 'DestinationArn', input.DestinationArn)]
      : sourcesOf(sqs.queues, source);
    return [
      ...onDeadLetterQueue('StartMessageMoveTask', source),
      ...targets.map(({ arn }) => ({ action: 'sqs:SendMessage', resource: arn })),
    ];
  },
  run(input) {
    const source = queueOf(sqs, 'SourceArn', input.SourceArn);
    const rate = integerParameter(
      'MaxNumberOfMessagesPerSecond',
      input.MaxNumberOfMessagesPerSecond,
      { min: 1, max: 500, range: 'Must be between 1 and 500, if provided.' },
    );
    if (sourcesOf(sqs.queues, source).length === 0) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    if (input.DestinationArn === source.arn) {
      throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
    }
    if (sqs.moves.ofSource(source.arn).some((task) => task.status === 'RUNNING')) {
      throw invalidParameter(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    sqs.messages.tidy(source.name, 1000 * numberOf(source, 'MessageRetentionPeriod'));
    const id = sqs.moves.begin({
      source: source.arn,
      destination: input.DestinationArn ?? null,
      rate: rate ?? null,
      to_move: sqs.messages.counts(source.name).ready,
    });
    return { TaskHandle: handleOf(id, source.arn) };
  },
});

/** ListMessageMoveTasks: the newest first, one unless told, ten at most. */
export const listMessageMoveTasks = (
  sqs: SqsContext,
): Action<{ readonly SourceArn?: string; readonly MaxResults?: number }> => ({
  reads: true,
  authorize: ({ SourceArn }) =>
    onDeadLetterQueue('ListMessageMoveTasks', queueOf(sqs, 'SourceArn', SourceArn)),
  run({ SourceArn, MaxResults }) {
    const most =
      integerParameter('MaxResults', MaxResults, {
        min: 1,
        max: 10,
        range: 'Must be between 1 and 10, if provided.',
      }) ?? 1;
    const source = queueOf(sqs, 'SourceArn', SourceArn);
    return { Results: sqs.moves.ofSource(source.arn).slice(0, most).map(presented) };
  },
});

/** CancelMessageMoveTask: what has been moved stays moved. */
export const cancelMessageMoveTask = (
  sqs: SqsContext,
): Action<{ readonly TaskHandle?: string }> => ({
  authorize: ({ TaskHandle }) => {
    const { source } = handleParts(TaskHandle);
    return onDeadLetterQueue('CancelMessageMoveTask', queueOf(sqs, 'SourceArn', source));
  },
  run({ TaskHandle }) {
    const { id } = handleParts(TaskHandle);
    const task = sqs.moves.find(id);
    if (!task) throw new AwsError('ResourceNotFoundException', 'Task does not exist.', 404);
    if (task.status !== 'RUNNING') {
      throw invalidParameter('Only active tasks can be cancelled.');
    }
    sqs.moves.end(id, 'CANCELLED');
    return { ApproximateNumberOfMessagesMoved: task.moved };
  },
});

function presented(task: MoveTask): Record<string, unknown> {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task.id, task.source) } : {}),
    Status: task.status,
    SourceArn: task.source,
    ...(task.destination === null ? {} : { DestinationArn: task.destination }),
    ...(task.rate === null ? {} : { MaxNumberOfMessagesPerSecond: task.rate }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.to_move,
    ...(task.failure === null ? {} : { FailureReason: task.failure }),
    StartedTimestamp: task.started,
  };
}

/** The permissions that AWS lists for a dead-letter queue redrive. */
const onDeadLetterQueue = (action: string, { arn }: Queue): IamRequest[] =>
  [action, 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => ({
    action: `sqs:${name}`,
    resource: arn,
  }));

function queueOf(sqs: SqsContext, parameter: string, arn: string | undefined): Queue {
  if (!arn) throw missingParameter(parameter);
  const queue = sqs.queues.findByArn(arn);
  if (queue) return queue;
  throw new AwsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    404,
  );
}

const handleOf = (taskId: string, sourceArn: string): string =>
  Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');

function handleParts(handle: string | undefined): { id: string; source: string } {
  if (!handle) throw missingParameter('TaskHandle');
  try {
    const parts = JSON.parse(Buffer.from(handle, 'base64').toString('utf8')) as {
      taskId: string;
      sourceArn: string;
    };
    return { id: parts.taskId, source: parts.sourceArn };
  } catch {
    throw invalidParameter('Value for parameter TaskHandle is invalid.');
  }
}
