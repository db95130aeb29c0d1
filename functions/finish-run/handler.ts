import { dynamoRunCloser } from '#shared/adapters/aws-dynamodb/run-closer.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { stopSandboxOf } from '#shared/adapters/aws-ecs/sandbox-task.ts';
import { publishEvent } from '#shared/adapters/aws-eventbridge/publisher.ts';
import { deadLetterTask, enqueueTask } from '#shared/adapters/aws-sqs/task-queue.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { RunRef } from '#shared/domain/run/run.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/logger.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input } from './contract.ts';
import { finishRun } from './finish-run.ts';

const env = loadEnv(Env);

/** Which run an execution carried out stands in its input. */
function runOf(input: string | null | undefined): RunRef | undefined {
  const { run } = JSON.parse(input ?? '{}') as { run?: unknown };
  const parsed = RunRef.safeParse(run);
  return parsed.success ? parsed.data : undefined;
}

export const handler = wrapState({ input: Input }, async (event) => {
  const run = runOf(event.detail.input);
  if (!run) {
    logger.warn('an execution without a run has ended', { execution: event.detail.executionArn });
    return;
  }
  const table = new TenantTable(env, run.tenant);
  await finishRun(event, {
    closer: dynamoRunCloser(table, run.task_id, run.run_id),
    enqueue: (priority, message, delay) => enqueueTask(env, priority, message, delay),
    deadLetter: (message, reason) => deadLetterTask(env.DEAD_QUEUE_URL, message, reason),
    publish: (detailType, detail) => publishEvent(env.EVENT_BUS_NAME, detailType, detail),
    stopSandbox: () => stopSandboxOf(table, env.SANDBOX_CLUSTER, run.run_id, 'the run has ended'),
    now: systemClock,
    nextId: randomIds,
  });
});
