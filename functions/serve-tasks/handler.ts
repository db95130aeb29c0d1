import { keys } from '#shared/adapters/aws-dynamodb/keys.ts';
import { dynamoApprovalStore, waitOf } from '#shared/adapters/aws-dynamodb/approval-store.ts';
import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { dynamoTaskStore } from '#shared/adapters/aws-dynamodb/task-store.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { stopSandboxOf } from '#shared/adapters/aws-ecs/sandbox-task.ts';
import { sfnCallbacks } from '#shared/adapters/aws-sfn/callbacks.ts';
import { enqueueTask } from '#shared/adapters/aws-sqs/task-queue.ts';
import { systemClock } from '#shared/adapters/system/system.ts';
import { DecisionList } from '#shared/api/decisions.ts';
import { presentArtifact, presentTask } from '#shared/api/present.ts';
import { ArtifactContent, ArtifactList, RunView, TaskList, TaskView } from '#shared/api/tasks.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { isoTime } from '#shared/ports/clock.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { pageOf, readPage } from '#shared/runtime/page.ts';
import { operation, wrapHttp } from '#shared/runtime/wrap-http.ts';
import { Env } from './contract.ts';
import {
  cancelTask,
  findTask,
  readRun,
  readTask,
  redriveTask,
  type CancelDeps,
} from './serve-tasks.ts';

const env = loadEnv(Env);
const callbacks = sfnCallbacks(env.TOKEN_KEY_ID);
/** Larger artifacts are not inlined in an answer. */
const MAX_INLINE_BYTES = 4_000_000;
const DECISIONS_A_PAGE = 200;

function depsOf(tenant: string): CancelDeps {
  const table = new TenantTable(env, tenant);
  return {
    tasks: dynamoTaskStore(table),
    ledger: (runId) => dynamoRunLedger(table, { tenant, run_id: runId }),
    isAsked: async (approvalId) =>
      (await dynamoApprovalStore(table).find(approvalId)) !== undefined,
    now: systemClock,
    callbacks,
    async openWaits(runId) {
      const items = await table.query(keys.runPartition(tenant, runId), { prefix: 'wait#' });
      return items.map(waitOf);
    },
    async cancelApproval(approvalId, by) {
      const decision = {
        answer: 'cancelled',
        by,
        at: isoTime(systemClock()),
        comment: null,
      } as const;
      await dynamoApprovalStore(table).decide(approvalId, decision, null);
    },
    stopSandbox: (runId) =>
      stopSandboxOf(table, env.SANDBOX_CLUSTER, runId, 'the task was cancelled'),
  };
}

async function artifactContent(tenant: string, taskId: string, name: string) {
  const deps = depsOf(tenant);
  await findTask(taskId, deps);
  const artifact = (await deps.tasks.artifacts(taskId)).find(
    (candidate) => candidate.name === name,
  );
  if (!artifact) throw new AppError('artifact.not_found', `The task has no file ${name}.`);
  if (artifact.size > MAX_INLINE_BYTES)
    return { ...presentArtifact(artifact), content_base64: null };
  const { TenantBucket } = await import('#shared/adapters/aws-s3/bucket.ts');
  const bucket = new TenantBucket(env.ARTIFACT_BUCKET, env.DATA_ROLE_ARN, tenant);
  const body = await bucket.get(`artifacts/${artifact.artifact_id}`);
  return { ...presentArtifact(artifact), content_base64: Buffer.from(body).toString('base64') };
}

export const handler = wrapHttp({
  'GET /v1/tasks': operation({
    permission: 'tasks:read',
    answer: TaskList,
    async run({ who, query }) {
      const page = readPage(query);
      const tasks = await depsOf(who.tenant).tasks.list(page.limit + 1, page.before);
      const { items, next } = pageOf(tasks, page.limit, (task) => task.task_id);
      return { status: 200, body: { items: items.map((task) => presentTask(task)), next } };
    },
  }),
  'GET /v1/tasks/{task_id}': operation({
    permission: 'tasks:read',
    answer: TaskView,
    async run({ who, path }) {
      const deps = depsOf(who.tenant);
      return {
        status: 200,
        body: await readTask(await findTask(path['task_id'] ?? '', deps), deps),
      };
    },
  }),
  'POST /v1/tasks/{task_id}/cancel': operation({
    permission: 'tasks:cancel',
    answer: TaskView,
    async run({ who, path }) {
      const task = await cancelTask(path['task_id'] ?? '', who, depsOf(who.tenant));
      return { status: 202, body: presentTask(task) };
    },
  }),
  'POST /v1/tasks/{task_id}/redrive': operation({
    permission: 'tasks:redrive',
    answer: TaskView,
    async run({ who, path }) {
      const task = await redriveTask(path['task_id'] ?? '', {
        ...depsOf(who.tenant),
        enqueue: (priority, message) => enqueueTask(env, priority, message),
      });
      return { status: 202, body: presentTask(task) };
    },
  }),
  'GET /v1/tasks/{task_id}/artifacts': operation({
    permission: 'tasks:read',
    answer: ArtifactList,
    async run({ who, path }) {
      const deps = depsOf(who.tenant);
      const task = await findTask(path['task_id'] ?? '', deps);
      const artifacts = await deps.tasks.artifacts(task.task_id);
      return { status: 200, body: { items: artifacts.map(presentArtifact) } };
    },
  }),
  'GET /v1/tasks/{task_id}/artifacts/{name}': operation({
    permission: 'tasks:read',
    answer: ArtifactContent,
    async run({ who, path }) {
      const body = await artifactContent(who.tenant, path['task_id'] ?? '', path['name'] ?? '');
      return { status: 200, body };
    },
  }),
  'GET /v1/runs/{run_id}': operation({
    permission: 'tasks:read',
    answer: RunView,
    async run({ who, path }) {
      return { status: 200, body: await readRun(path['run_id'] ?? '', depsOf(who.tenant)) };
    },
  }),
  'GET /v1/runs/{run_id}/decisions': operation({
    permission: 'tasks:read',
    answer: DecisionList,
    async run({ who, path, query }) {
      const deps = depsOf(who.tenant);
      const runId = path['run_id'] ?? '';
      await readRun(runId, deps);
      const after = query['cursor'] === undefined ? -1 : Number(query['cursor']);
      if (!Number.isInteger(after)) {
        throw new AppError('request.invalid', 'cursor is not one that a list gave.');
      }
      const items = await deps.ledger(runId).decisions(after, DECISIONS_A_PAGE);
      const last = items.at(-1);
      const next = items.length === DECISIONS_A_PAGE && last ? String(last.seq) : null;
      return { status: 200, body: { items, next } };
    },
  }),
});
