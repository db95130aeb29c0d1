import { dynamoAdmissionStore } from '#shared/adapters/aws-dynamodb/admission-store.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { startExecution } from '#shared/adapters/aws-sfn/executions.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapQueue } from '#shared/runtime/wrap-queue.ts';
import { Env, Input } from './contract.ts';
import { startRun } from './start-run.ts';

const env = loadEnv(Env);

export const handler = wrapQueue(Input, (message) =>
  startRun(message, {
    store: dynamoAdmissionStore(new TenantTable(env, message.tenant)),
    startExecution: (name, input) => startExecution(env.RUN_STATE_MACHINE_ARN, name, input),
    now: systemClock,
    nextId: randomIds,
  }),
);
