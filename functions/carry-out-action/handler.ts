import { dynamoEffectLedger } from '#shared/adapters/aws-dynamodb/effect-ledger.ts';
import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { kmsPermitVerifier } from '#shared/adapters/aws-kms/permits.ts';
import { lambdaPageFetcher } from '#shared/adapters/aws-lambda/page-fetcher.ts';
import { artifactShelf } from '#shared/adapters/aws-s3/artifact-shelf.ts';
import { TenantBucket } from '#shared/adapters/aws-s3/bucket.ts';
import { s3ObservationStore } from '#shared/adapters/aws-s3/observation-store.ts';
import { sesMailer } from '#shared/adapters/aws-ses/mailer.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { carryOutAction } from './carry-out-action.ts';
import { Env, Input, Output } from './contract.ts';

const env = loadEnv(Env);
const verifier = kmsPermitVerifier(env.PERMIT_KEY_ID);
const mailer = sesMailer({ from: env.MAIL_FROM, configurationSet: env.MAIL_CONFIGURATION_SET });
const fetcher = lambdaPageFetcher(env.FETCH_URL_FUNCTION);

export const handler = wrapState({ input: Input, output: Output }, async (input) => {
  const { tenant, task_id } = input.run;
  const table = new TenantTable(env, tenant);
  const bucket = () => new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  const artifacts = artifactShelf(table, bucket, task_id, { now: systemClock, nextId: randomIds });
  const outcome = await carryOutAction(input, {
    ledger: dynamoRunLedger(table, input.run),
    effects: dynamoEffectLedger(table),
    observations: {
      put: (runId, digest, json) => s3ObservationStore(bucket()).put(runId, digest, json),
      get: (runId, digest) => s3ObservationStore(bucket()).get(runId, digest),
    },
    verifier,
    stage: env.STAGE,
    tools: { artifacts, mailer, fetcher },
    now: systemClock,
  });
  return { outcome };
});
