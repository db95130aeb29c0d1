import { dynamoApprovalStore } from '#shared/adapters/aws-dynamodb/approval-store.ts';
import { dynamoEffectLedger } from '#shared/adapters/aws-dynamodb/effect-ledger.ts';
import { dynamoPolicySource } from '#shared/adapters/aws-dynamodb/policy-source.ts';
import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { readTaskBody } from '#shared/adapters/aws-dynamodb/task-body.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { kmsPermitSigner } from '#shared/adapters/aws-kms/permits.ts';
import { artifactShelf } from '#shared/adapters/aws-s3/artifact-shelf.ts';
import { TenantBucket } from '#shared/adapters/aws-s3/bucket.ts';
import { s3ObservationStore } from '#shared/adapters/aws-s3/observation-store.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input, Output } from './contract.ts';
import { judgeActions } from './judge-actions.ts';

const env = loadEnv(Env);
const signer = kmsPermitSigner(env.PERMIT_KEY_ID);
const system = { now: systemClock, nextId: randomIds };

export const handler = wrapState({ input: Input, output: Output }, (input) => {
  const { tenant, task_id, body_digest } = input.run;
  const table = new TenantTable(env, tenant);
  const bucket = () => new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  return judgeActions(input, {
    ledger: dynamoRunLedger(table, input.run),
    readBody: () => readTaskBody(table, task_id, body_digest),
    policies: dynamoPolicySource(table),
    findArtifact: (name) => artifactShelf(table, bucket, task_id, system).find(name),
    findApproval: (id) => dynamoApprovalStore(table).find(id),
    effects: dynamoEffectLedger(table),
    observations: { get: (runId, digest) => s3ObservationStore(bucket()).get(runId, digest) },
    signer,
    stage: env.STAGE,
    ...system,
  });
});
