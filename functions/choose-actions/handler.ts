import { keys } from '#shared/adapters/aws-dynamodb/keys.ts';
import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { readTaskBody } from '#shared/adapters/aws-dynamodb/task-body.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { artifactShelf } from '#shared/adapters/aws-s3/artifact-shelf.ts';
import { TenantBucket } from '#shared/adapters/aws-s3/bucket.ts';
import { s3ObservationStore } from '#shared/adapters/aws-s3/observation-store.ts';
import { modelSecret } from '#shared/adapters/aws-secretsmanager/model-secret.ts';
import { chatModel } from '#shared/adapters/openai/chat-model.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { chooseActions } from './choose-actions.ts';
import { Env, Input, Output } from './contract.ts';

const env = loadEnv(Env);
const system = { now: systemClock, nextId: randomIds };

async function contacts(table: TenantTable): Promise<Record<string, string>> {
  const { pk, sk } = keys.tenant(table.tenant);
  return ((await table.get(pk, sk))?.['contacts'] ?? {}) as Record<string, string>;
}

export const handler = wrapState({ input: Input, output: Output }, (input) => {
  const { tenant, task_id, run_id, body_digest } = input.run;
  const table = new TenantTable(env, tenant);
  const bucket = () => new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  return chooseActions(input, {
    ledger: dynamoRunLedger(table, input.run),
    readBody: () => readTaskBody(table, task_id, body_digest),
    files: () => artifactShelf(table, bucket, task_id, system).list(),
    contacts: () => contacts(table),
    observations: { get: (runId, digest) => s3ObservationStore(bucket()).get(runId, digest) },
    keepTranscript: (turn, transcript) =>
      bucket().put(
        `transcripts/${run_id}/${String(turn).padStart(4, '0')}.json`,
        JSON.stringify(transcript),
        'application/json',
      ),
    model: async () =>
      chatModel({
        name: env.MODEL_NAME,
        baseUrl: env.MODEL_BASE_URL,
        apiKey: await modelSecret(env.MODEL_SECRET_ARN),
      }),
    ...system,
  });
});
