import { dynamoSweepStore } from '#shared/adapters/aws-dynamodb/sweep-store.ts';
import { invokeFinishRun } from '#shared/adapters/aws-lambda/finish-run.ts';
import { sfnCallbacks } from '#shared/adapters/aws-sfn/callbacks.ts';
import { executionOf, stopExecution } from '#shared/adapters/aws-sfn/executions.ts';
import { deadLetterTask, enqueueTask } from '#shared/adapters/aws-sqs/task-queue.ts';
import { systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/logger.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import * as z from 'zod/mini';
import { Env } from './contract.ts';
import { sweep } from './sweep.ts';

const env = loadEnv(Env);

const store = dynamoSweepStore(env, {
  enqueue: (priority, message) => enqueueTask(env, priority, message),
  deadLetter: (message, reason) => deadLetterTask(env.DEAD_QUEUE_URL, message, reason),
  callbacks: sfnCallbacks(env.TOKEN_KEY_ID),
  executionOf: (runId) => executionOf(env.RUN_STATE_MACHINE_ARN, runId),
  stopExecution: (runId) => stopExecution(env.RUN_STATE_MACHINE_ARN, runId, 'cancelled'),
  closeRun: (execution) => invokeFinishRun(env.FINISH_RUN_FUNCTION, execution),
  now: systemClock,
});

export const handler = wrapState({ input: z.unknown() }, () =>
  sweep({ store, now: systemClock, log: (message, detail) => logger.info(message, detail) }),
);
