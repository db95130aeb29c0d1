import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { GetObjectCommand, NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { JobResult, type Job } from '#containers/sandbox/contract.ts';
import type { JobOrder, Lease, SandboxDesk, SandboxWait } from '#shared/ports/sandbox-desk.ts';
import { keys } from '../aws-dynamodb/keys.ts';
import type { Item, TenantTable } from '../aws-dynamodb/tenant-table.ts';
import type { TenantBucket } from '../aws-s3/bucket.ts';

/** Presigned URLs live as long as the session that signs them: at most an hour. */
const URL_SECONDS = 3300;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** A lease without work leaves by itself; `finish-run` stops it sooner. */
const LEAVE_AFTER_SECONDS = 60;
/** The image has 512 MB; the shell needs its part. */
const JOB_MEMORY_MB = 256;

const ecs = new ECSClient({});

export interface DeskSettings {
  readonly runId: string;
  readonly table: TenantTable;
  readonly mailbox: TenantBucket;
  readonly artifacts: TenantBucket;
  /** Only the starter needs these. */
  readonly fargate?: {
    readonly cluster: string;
    readonly taskDefinition: string;
    readonly subnets: readonly string[];
    readonly securityGroup: string;
  };
}

/** Leases and mailboxes on Fargate, S3 and DynamoDB. */
export function fargateSandboxDesk(settings: DeskSettings): SandboxDesk {
  const { table, runId, mailbox } = settings;
  const leaseKey = keys.lease(table.tenant, runId);
  const partition = keys.runPartition(table.tenant, runId);
  const lease = async () => (await table.get(leaseKey.pk, leaseKey.sk)) as Lease | undefined;
  return {
    lease,
    async openLease(leaseId, at) {
      const fresh = { lease_id: leaseId, task_arn: null, ended_at: null, opened_at: at, jobs: 0 };
      const conflict = await table.put(
        { ...leaseKey, ...fresh },
        'attribute_not_exists(pk) OR ended_at <> :none',
        { ':none': null },
      );
      return (conflict?.item as Lease | undefined) ?? fresh;
    },
    async endLease(leaseId, at) {
      await table.update({
        ...leaseKey,
        update: 'SET ended_at = :at',
        condition: 'lease_id = :lease AND ended_at = :none',
        values: { ':at': at, ':lease': leaseId, ':none': null },
      });
    },
    async wait(turn, index) {
      const item = await table.get(partition, keys.waitSk(turn, index));
      return item && waitOf(item);
    },
    async waits() {
      const items = await table.query(partition, { prefix: 'wait#' });
      return items.filter((item) => item['kind'] === 'sandbox').map(waitOf);
    },
    async putWait(wait) {
      await table.put({
        pk: partition,
        sk: keys.waitSk(wait.turn, wait.index),
        turn: wait.turn,
        index: wait.index,
        kind: 'sandbox',
        approval_id: null,
        job_id: wait.jobId,
        lease_id: wait.leaseId,
        sealed_token: wait.sealedToken,
      });
    },
    post: (leaseId, order) => postJob(settings, leaseId, order),
    start: (leaseId) => startTask(settings, leaseId),
    async result(leaseId, jobId) {
      try {
        const body = await mailbox.get(`${prefixOf(runId, leaseId, jobId)}result.json`);
        return JobResult.parse(JSON.parse(new TextDecoder().decode(body)));
      } catch (error) {
        // Without leave to list, S3 says of a missing object that access is denied.
        const missing =
          error instanceof NoSuchKey ||
          (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403);
        if (missing) return undefined;
        throw error;
      }
    },
    readOutput: (key) => mailbox.get(key.slice(mailbox.tenant.length + 1)),
  };
}

const prefixOf = (runId: string, leaseId: string, jobId: string) =>
  `${runId}/${leaseId}/out/${jobId}/`;
const jobPath = (runId: string, leaseId: string, number: number) =>
  `${runId}/${leaseId}/jobs/${String(number).padStart(4, '0')}.json`;

const waitOf = (item: Item): SandboxWait => ({
  turn: Number(item['turn']),
  index: Number(item['index']),
  jobId: String(item['job_id']),
  leaseId: String(item['lease_id']),
  sealedToken: String(item['sealed_token']),
});

/** The place of a job in its lease's mailbox: given once, found again by a retry. */
async function numberOf(table: TenantTable, runId: string, leaseId: string, jobId: string) {
  const { pk } = keys.lease(table.tenant, runId);
  const place = { pk, sk: `job#${leaseId}#${jobId}` };
  const there = await table.get(place.pk, place.sk);
  if (there) return Number(there['number']);
  for (;;) {
    const slots = await table.query(pk, { prefix: `slot#${leaseId}#` });
    const number = slots.length + 1;
    const slot = { pk, sk: `slot#${leaseId}#${String(number).padStart(4, '0')}` };
    const conflicts = await table.transact([
      { put: { ...slot, job_id: jobId }, condition: 'attribute_not_exists(pk)' },
      { put: { ...place, number }, condition: 'attribute_not_exists(pk)' },
    ]);
    if (!conflicts) return number;
    if (conflicts[1]?.item) return Number(conflicts[1].item['number']);
  }
}

async function postJob(settings: DeskSettings, leaseId: string, order: JobOrder): Promise<void> {
  const { runId, table, mailbox } = settings;
  const number = await numberOf(table, runId, leaseId, order.jobId);
  const prefix = mailbox.keyOf(prefixOf(runId, leaseId, order.jobId));
  const { url, fields } = await createPresignedPost(mailbox.client, {
    Bucket: mailbox.bucket,
    Key: `${prefix}\${filename}`,
    Conditions: [['content-length-range', 0, MAX_OUTPUT_BYTES]],
    Expires: URL_SECONDS,
  });
  const job: Job = {
    schema: 1,
    kind: 'job',
    job_id: order.jobId,
    language: order.language,
    code: order.code,
    args: [...order.args],
    stdin: order.stdin,
    files: await Promise.all(
      order.files.map(async ({ name, artifactId, sha256 }) => ({
        path: name,
        sha256,
        url: await signedGet(settings.artifacts, `artifacts/${artifactId}`),
      })),
    ),
    limits: {
      seconds: order.seconds,
      memory_mb: JOB_MEMORY_MB,
      pids: 64,
      output_bytes: 1024 * 1024,
      workspace_bytes: 64 * 1024 * 1024,
    },
    collect: 'all',
    post: { url, fields },
    prefix,
    next_url: await signedGet(mailbox, jobPath(runId, leaseId, number + 1)),
    leave_after_seconds: LEAVE_AFTER_SECONDS,
  };
  await mailbox.put(jobPath(runId, leaseId, number), JSON.stringify(job), 'application/json');
}

const signedGet = (bucket: TenantBucket, path: string): Promise<string> =>
  getSignedUrl(
    bucket.client,
    new GetObjectCommand({ Bucket: bucket.bucket, Key: bucket.keyOf(path) }),
    { expiresIn: URL_SECONDS },
  );

async function startTask(settings: DeskSettings, leaseId: string): Promise<void> {
  const { fargate, mailbox, runId, table } = settings;
  if (!fargate) throw new Error('this function does not start sandboxes');
  const url = await signedGet(mailbox, jobPath(runId, leaseId, 1));
  const { tasks, failures } = await ecs.send(
    new RunTaskCommand({
      cluster: fargate.cluster,
      taskDefinition: fargate.taskDefinition,
      launchType: 'FARGATE',
      clientToken: leaseId,
      startedBy: `${table.tenant}/${runId}`,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...fargate.subnets],
          securityGroups: [fargate.securityGroup],
          assignPublicIp: 'ENABLED',
        },
      },
      overrides: {
        containerOverrides: [
          { name: 'sandbox', environment: [{ name: 'MAILBOX_URL', value: url }] },
        ],
      },
    }),
  );
  const taskArn = tasks?.[0]?.taskArn;
  if (!taskArn)
    throw new Error(`no sandbox could be started: ${failures?.[0]?.reason ?? 'no reason'}`);
  await table.update({
    ...keys.lease(table.tenant, runId),
    update: 'SET task_arn = :arn',
    condition: 'lease_id = :lease',
    values: { ':arn': taskArn, ':lease': leaseId },
  });
}
