import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { fargateSandboxDesk } from '#shared/adapters/aws-ecs/sandbox-desk.ts';
import { artifactShelf } from '#shared/adapters/aws-s3/artifact-shelf.ts';
import { TenantBucket } from '#shared/adapters/aws-s3/bucket.ts';
import { s3ObservationStore } from '#shared/adapters/aws-s3/observation-store.ts';
import { sfnCallbacks } from '#shared/adapters/aws-sfn/callbacks.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input } from './contract.ts';
import { endLease, finishJob, type FinishSandboxJobDeps } from './finish-sandbox-job.ts';

const env = loadEnv(Env);
const callbacks = sfnCallbacks(env.TOKEN_KEY_ID);

function depsOf(tenant: string, runId: string): FinishSandboxJobDeps {
  const table = new TenantTable(env, tenant);
  const artifacts = new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  const mailbox = new TenantBucket(env.MAILBOX_BUCKET, env.DATA_ROLE_ARN, tenant);
  return {
    tenant,
    runId,
    ledger: dynamoRunLedger(table, { tenant, run_id: runId }),
    desk: fargateSandboxDesk({ runId, table, artifacts, mailbox }),
    shelf: (taskId) =>
      artifactShelf(table, () => artifacts, taskId, { now: systemClock, nextId: randomIds }),
    observations: s3ObservationStore(artifacts),
    callbacks,
    now: systemClock,
  };
}

export const handler = wrapState({ input: Input }, async (event) => {
  if (event['detail-type'] === 'Object Created') {
    const match = /^([^/]+)\/([^/]+)\/([^/]+)\/out\/([^/]+)\/result\.json$/.exec(
      event.detail.object.key,
    );
    if (!match) return;
    const [, tenant = '', runId = '', leaseId = '', jobId = ''] = match;
    await finishJob(leaseId, jobId, depsOf(tenant, runId));
    return;
  }
  const [tenant, runId] = (event.detail.startedBy ?? '').split('/');
  if (!tenant || !runId) return;
  const reason = event.detail.stoppedReason ?? 'the sandbox task stopped';
  await endLease(event.detail.taskArn, reason, depsOf(tenant, runId));
});
