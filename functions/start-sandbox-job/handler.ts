import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { fargateSandboxDesk } from '#shared/adapters/aws-ecs/sandbox-desk.ts';
import { kmsPermitVerifier } from '#shared/adapters/aws-kms/permits.ts';
import { kmsTokenSeal } from '#shared/adapters/aws-kms/token-seal.ts';
import { artifactShelf } from '#shared/adapters/aws-s3/artifact-shelf.ts';
import { TenantBucket } from '#shared/adapters/aws-s3/bucket.ts';
import { answerToken } from '#shared/adapters/aws-sfn/callbacks.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input, Output } from './contract.ts';
import { startSandboxJob } from './start-sandbox-job.ts';

const env = loadEnv(Env);
const verifier = kmsPermitVerifier(env.PERMIT_KEY_ID);
const seal = kmsTokenSeal(env.TOKEN_KEY_ID);
const system = { now: systemClock, nextId: randomIds };

export const handler = wrapState({ input: Input, output: Output }, (input) => {
  const { tenant, task_id, run_id } = input.run;
  const table = new TenantTable(env, tenant);
  const artifacts = new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  return startSandboxJob(input, {
    ledger: dynamoRunLedger(table, input.run),
    desk: fargateSandboxDesk({
      runId: run_id,
      table,
      artifacts,
      mailbox: new TenantBucket(env.MAILBOX_BUCKET, env.DATA_ROLE_ARN, tenant),
      fargate: {
        cluster: env.SANDBOX_CLUSTER,
        taskDefinition: env.SANDBOX_TASK_DEFINITION,
        subnets: env.SANDBOX_SUBNETS.split(','),
        securityGroup: env.SANDBOX_SECURITY_GROUP,
      },
    }),
    seal,
    verifier,
    stage: env.STAGE,
    findArtifact: (name) => artifactShelf(table, () => artifacts, task_id, system).find(name),
    answerNow: answerToken,
    ...system,
  });
});
