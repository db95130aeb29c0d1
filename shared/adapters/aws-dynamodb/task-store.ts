import { Artifact } from '#shared/domain/artifact/artifact.ts';
import { Task } from '#shared/domain/task/task.ts';
import { isoTime } from '#shared/ports/clock.ts';
import type { EarlierRequest, TaskStore } from '#shared/ports/task-store.ts';
import { DUE, keys } from './keys.ts';
import type { Item, TenantTable } from './tenant-table.ts';

/** A task not queued this long after it was stored is queued by `sweep`. */
const QUEUE_GRACE_MS = 30_000;
const IDEMPOTENCY_SECONDS = 86_400;
const STATUS = { '#status': 'status' } as const;

/** Tasks in DynamoDB. */
export function dynamoTaskStore(table: TenantTable): TaskStore {
  const { tenant } = table;
  return {
    async find(taskId) {
      const { pk, sk } = keys.task(tenant, taskId);
      const item = await table.get(pk, sk);
      return item && Task.parse(item);
    },
    create: (task, body, files, idempotency) => createTask(table, task, body, files, idempotency),
    async markQueued(taskId) {
      await table.update({
        ...keys.task(tenant, taskId),
        update: 'SET #status = :queued REMOVE dk, ds',
        condition: '#status = :pending',
        names: STATUS,
        values: { ':queued': 'QUEUED', ':pending': 'PENDING' },
      });
    },
    async list(limit, before) {
      const items = await table.query(keys.taskList(tenant), {
        index: 'list',
        limit,
        newestFirst: true,
        ...(before === undefined ? {} : { after: before }),
      });
      return items.map((item: Item) => Task.parse(item));
    },
    async cancelUnstarted(taskId, at) {
      const conflict = await table.update({
        ...keys.task(tenant, taskId),
        update: 'SET #status = :cancelled, cancel_requested_at = :at, ended_at = :at REMOVE dk, ds',
        condition: '#status IN (:pending, :queued, :retrying)',
        names: STATUS,
        values: {
          ':cancelled': 'CANCELLED',
          ':at': at,
          ':pending': 'PENDING',
          ':queued': 'QUEUED',
          ':retrying': 'RETRYING',
        },
      });
      return conflict === undefined;
    },
    requestCancel: (task, by, at) => requestCancel(table, task, by, at),
    async reopen(taskId, dueAt) {
      const conflict = await table.update({
        ...keys.task(tenant, taskId),
        update:
          'SET #status = :pending, attempt = :zero, dead_letter_reason = :none, ended_at = :none, dk = :due, ds = :at',
        condition: '#status = :failed AND dead_letter_reason <> :none',
        names: STATUS,
        values: {
          ':pending': 'PENDING',
          ':failed': 'FAILED',
          ':zero': 0,
          ':none': null,
          ':due': DUE,
          ':at': dueAt,
        },
      });
      return conflict === undefined;
    },
    async artifacts(taskId) {
      const items = await table.query(keys.artifactPartition(tenant, taskId), { prefix: 'name#' });
      return items.map((item) => Artifact.parse(item));
    },
  };
}

async function createTask(
  table: TenantTable,
  task: Task,
  body: string,
  files: readonly Artifact[],
  idempotency: { readonly keyDigest: string; readonly request: EarlierRequest } | undefined,
): Promise<EarlierRequest | undefined> {
  const { tenant } = table;
  const now = Date.parse(task.submitted_at);
  const conflicts = await table.transact([
    ...(idempotency
      ? [
          {
            put: {
              ...keys.idempotency(tenant, idempotency.keyDigest),
              ...idempotency.request,
              expires_at: Math.floor(now / 1000) + IDEMPOTENCY_SECONDS,
            },
            condition: 'attribute_not_exists(pk)',
          },
        ]
      : []),
    {
      put: {
        ...keys.task(tenant, task.task_id),
        lk: keys.taskList(tenant),
        ls: task.task_id,
        dk: DUE,
        ds: isoTime(now + QUEUE_GRACE_MS),
        ...task,
      },
      condition: 'attribute_not_exists(pk)',
    },
    { put: { ...keys.taskBody(tenant, task.task_id), body } },
    ...files.map((file) => ({
      put: { ...keys.artifact(tenant, task.task_id, file.name), ...file },
    })),
  ]);
  return conflicts?.[0]?.item as EarlierRequest | undefined;
}

async function requestCancel(
  table: TenantTable,
  task: Task,
  by: string,
  at: string,
): Promise<void> {
  const { tenant } = table;
  if (task.run_id === null) return;
  await table.transact([
    {
      ...keys.task(tenant, task.task_id),
      update: 'SET cancel_requested_at = :at',
      condition: '#status = :running AND run_id = :run',
      names: STATUS,
      values: { ':at': at, ':running': 'RUNNING', ':run': task.run_id },
    },
    {
      ...keys.run(tenant, task.run_id),
      update: 'SET cancel_requested_at = :at, cancel_requested_by = :by',
      condition: 'cancel_requested_at = :none AND #status IN (:running, :waiting)',
      names: STATUS,
      values: {
        ':at': at,
        ':by': by,
        ':none': null,
        ':running': 'RUNNING',
        ':waiting': 'WAITING',
      },
    },
  ]);
}
