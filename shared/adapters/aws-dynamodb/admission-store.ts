import type { Run } from '#shared/domain/run/run.ts';
import { Task, isTaskOver } from '#shared/domain/task/task.ts';
import { isoTime } from '#shared/ports/clock.ts';
import type { Admission, AdmissionStore } from '#shared/ports/task-store.ts';
import { DUE, keys } from './keys.ts';
import { runItem, runOf } from './run-ledger.ts';
import type { TenantTable } from './tenant-table.ts';

/** A run that has not ended by then is looked at by `sweep`. */
const RUN_CHECK_MS = 600_000;
/** A parked task is offered again by `sweep` after this, should nobody else do it. */
const PARK_CHECK_MS = 60_000;

/** Admission in DynamoDB: the semaphore, the run and the task change in one transaction. */
export function dynamoAdmissionStore(table: TenantTable): AdmissionStore {
  const { tenant } = table;
  const task = async (taskId: string) => {
    const { pk, sk } = keys.task(tenant, taskId);
    const item = await table.get(pk, sk);
    return item && Task.parse(item);
  };
  return {
    task,
    async limits() {
      const [settings, policy] = await Promise.all([
        table.get(keys.tenant(tenant).pk, keys.tenant(tenant).sk),
        table.get(keys.currentPolicy(tenant).pk, keys.currentPolicy(tenant).sk),
      ]);
      const limits = settings?.['limits'] as { concurrent_runs: number } | undefined;
      return {
        concurrent_runs: limits?.concurrent_runs ?? 0,
        policy_version: Number(policy?.['version']),
      };
    },
    async run(runId) {
      const { pk, sk } = keys.run(tenant, runId);
      const item = await table.get(pk, sk);
      return item && runOf(item);
    },
    admit: (subject, run, record, limit) => admit(table, subject, run, record, limit, task),
    async park(subject) {
      const place = keys.waiting(tenant, subject.priority, subject.task_id);
      await table.put({
        ...place,
        task_id: subject.task_id,
        priority: subject.priority,
        trace_id: subject.trace_id,
        dk: DUE,
        ds: isoTime(Date.now() + PARK_CHECK_MS),
      });
    },
    async hasPlace(limit) {
      const item = await table.get(keys.semaphore(tenant).pk, keys.semaphore(tenant).sk);
      return Number(item?.['running'] ?? 0) < limit;
    },
  };
}

async function admit(
  table: TenantTable,
  task: Task,
  run: Run,
  record: object,
  limit: number,
  reload: (taskId: string) => Promise<Task | undefined>,
): Promise<Admission> {
  const { tenant } = table;
  const conflicts = await table.transact([
    {
      ...keys.semaphore(tenant),
      update: 'ADD running :one',
      condition: 'attribute_not_exists(running) OR running < :limit',
      values: { ':one': 1, ':limit': limit },
    },
    {
      ...keys.task(tenant, task.task_id),
      update: 'SET #status = :running, attempt = :attempt, run_id = :run REMOVE dk, ds',
      condition: '#status IN (:pending, :queued, :retrying) AND attempt = :before',
      names: { '#status': 'status' },
      values: {
        ':running': 'RUNNING',
        ':attempt': run.ref.attempt,
        ':before': task.attempt,
        ':run': run.ref.run_id,
        ':pending': 'PENDING',
        ':queued': 'QUEUED',
        ':retrying': 'RETRYING',
      },
    },
    {
      put: { ...runItem(run), dk: DUE, ds: isoTime(Date.parse(run.started_at) + RUN_CHECK_MS) },
      condition: 'attribute_not_exists(pk)',
    },
    { put: { pk: keys.runPartition(tenant, run.ref.run_id), sk: 'log#00000000', ...record } },
    { remove: keys.waiting(tenant, task.priority, task.task_id) },
  ]);
  if (!conflicts) return { kind: 'admitted' };
  if (!conflicts[1]) return { kind: 'full' };
  const now = await reload(task.task_id);
  if (!now || isTaskOver(now.status)) return { kind: 'over' };
  return { kind: 'begun', task: now };
}
