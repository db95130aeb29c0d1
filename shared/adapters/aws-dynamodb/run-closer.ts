import type { Run } from '#shared/domain/run/run.ts';
import { Task } from '#shared/domain/task/task.ts';
import type { RunCloser, TaskFate } from '#shared/ports/run-closer.ts';
import { dynamoApprovalStore, waitOf } from './approval-store.ts';
import { DUE, keys } from './keys.ts';
import { runOf } from './run-ledger.ts';
import type { TenantTable, Write } from './tenant-table.ts';

/** Closes runs in DynamoDB. */
export function dynamoRunCloser(table: TenantTable, taskId: string, runId: string): RunCloser {
  const { tenant } = table;
  const partition = keys.runPartition(tenant, runId);
  return {
    async run() {
      const { pk, sk } = keys.run(tenant, runId);
      const item = await table.get(pk, sk);
      return item && runOf(item);
    },
    async task() {
      const { pk, sk } = keys.task(tenant, taskId);
      const item = await table.get(pk, sk);
      return item && Task.parse(item);
    },
    async waits() {
      return (await table.query(partition, { prefix: 'wait#' })).map(waitOf);
    },
    async settle(run, outcome, records, fate, at) {
      const conflicts = await table.transact([
        {
          ...keys.run(tenant, runId),
          update:
            'SET #status = :status, outcome = :outcome, ended_at = :ended, settled_at = :at, spent = spent + reserved, reserved = :zero, seq = :seq, #cursor = :cursor REMOVE dk, ds',
          condition: 'settled_at = :none AND seq = :from',
          names: { '#status': 'status', '#cursor': 'cursor' },
          values: {
            ':status': outcome.status,
            ':outcome': outcome,
            ':ended': run.ended_at ?? at,
            ':at': at,
            ':none': null,
            ':zero': 0,
            ':from': run.cursor.seq,
            ':seq': run.cursor.seq + records.length,
            ':cursor': {
              ...run.cursor,
              seq: run.cursor.seq + records.length,
              head: records.at(-1)?.hash ?? run.cursor.head,
              open: [],
            },
          },
        },
        taskUpdate(tenant, taskId, run, fate),
        {
          ...keys.semaphore(tenant),
          update: 'ADD running :less',
          values: { ':less': -1 },
        },
        ...records.map((record) => ({
          put: { pk: partition, sk: keys.logSk(record.seq), ...record },
        })),
      ]);
      return conflicts === undefined;
    },
    async cancelApproval(approvalId, at) {
      const decision = { answer: 'cancelled', by: null, at, comment: null } as const;
      await dynamoApprovalStore(table).decide(approvalId, decision, null);
    },
    async markSent() {
      await table.update({ ...keys.task(tenant, taskId), update: 'REMOVE dk, ds' });
    },
    async nextWaiting(limit) {
      const items = await table.query(keys.waitingPartition(tenant), { limit });
      return items.map((item) => ({
        task_id: String(item['task_id']),
        priority: item['priority'] === 'high' ? 'high' : 'normal',
        trace_id: String(item['trace_id']),
      }));
    },
  };
}

const taskUpdate = (tenant: string, taskId: string, run: Run, fate: TaskFate): Write => ({
  ...keys.task(tenant, taskId),
  update: `SET #status = :status, ended_at = :ended, dead_letter_reason = :reason${
    fate.dueAt === null ? ' REMOVE dk, ds' : ', dk = :due, ds = :when'
  }`,
  condition: '#status = :running AND run_id = :run',
  names: { '#status': 'status' },
  values: {
    ':status': fate.status,
    ':ended': fate.endedAt,
    ':reason': fate.deadLetterReason,
    ':running': 'RUNNING',
    ':run': run.ref.run_id,
    ...(fate.dueAt === null ? {} : { ':due': DUE, ':when': fate.dueAt }),
  },
});
