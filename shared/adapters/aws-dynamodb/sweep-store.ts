import { Task, type TaskMessage } from '#shared/domain/task/task.ts';
import type { Callbacks } from '#shared/ports/callback-token.ts';
import { isoTime, type Clock } from '#shared/ports/clock.ts';
import type { SweepStore } from '#shared/ports/sweep-store.ts';
import { dynamoApprovalStore } from './approval-store.ts';
import { DUE, keys } from './keys.ts';
import { runOf } from './run-ledger.ts';
import { TenantTable, type TableEnv } from './tenant-table.ts';
import { dynamoTaskStore } from './task-store.ts';
import { readDue } from './due-index.ts';

export interface SweepOutside {
  readonly enqueue: (priority: Task['priority'], message: TaskMessage) => Promise<void>;
  readonly deadLetter: (message: TaskMessage, reason: string) => Promise<void>;
  readonly callbacks: Callbacks;
  /** How the execution of a run stands; undefined when there is none. */
  readonly executionOf: (
    runId: string,
  ) => Promise<{ arn: string; status: string; input: string } | undefined>;
  /** Has a run closed whose execution is over. */
  readonly closeRun: (execution: {
    arn: string;
    name: string;
    status: string;
    input: string;
  }) => Promise<void>;
  readonly stopExecution: (runId: string) => Promise<void>;
  readonly now: Clock;
}

/** A run that still lives is looked at again after this. */
const RUN_CHECK_MS = 600_000;
/** What was sent again and is still due is sent once more after this. */
const RESEND_MS = 60_000;

/** What the sweeper finishes, in DynamoDB. It acts on each tenant through that tenant's data role. */
export function dynamoSweepStore(env: TableEnv, outside: SweepOutside): SweepStore {
  const tableOf = (tenant: string) => new TenantTable(env, tenant);
  const postpone = (tenant: string, key: { pk: string; sk: string }, ms: number) =>
    tableOf(tenant).update({
      ...key,
      update: 'SET ds = :at',
      condition: 'attribute_exists(dk)',
      values: { ':at': isoTime(outside.now() + ms) },
    });
  return {
    due: (by, limit) => readDue(env.TABLE_NAME, by, limit),
    resendTask: (tenant, taskId) => resendTask(tableOf(tenant), taskId, outside),
    async offerPlace(tenant, taskId) {
      const item = await tableOf(tenant).get(keys.task(tenant, taskId).pk, 'task');
      if (!item) return;
      const task = Task.parse(item);
      await outside.enqueue(task.priority, messageOf(task));
      await postpone(tenant, keys.waiting(tenant, task.priority, taskId), RESEND_MS);
    },
    async wakeApproval(tenant, approvalId) {
      const approvals = dynamoApprovalStore(tableOf(tenant));
      const at = isoTime(outside.now());
      await approvals.decide(approvalId, { answer: 'expired', by: null, at, comment: null }, at);
      const approval = await approvals.find(approvalId);
      const wait =
        approval && (await approvals.wait(approval.run_id, approval.turn, approval.index));
      if (approval && wait) {
        const output = { approval_id: approvalId };
        await outside.callbacks.succeed(wait.sealedToken, tenant, approval.run_id, output);
      }
      await approvals.markWoken(approvalId);
    },
    async checkRun(tenant, runId) {
      const key = keys.run(tenant, runId);
      const item = await tableOf(tenant).get(key.pk, key.sk);
      if (!item) return;
      const run = runOf(item);
      const execution = await outside.executionOf(runId);
      if (!execution) return resendTask(tableOf(tenant), run.ref.task_id, outside, true);
      if (execution.status !== 'RUNNING') return outside.closeRun({ ...execution, name: runId });
      if (run.cancel_requested_at !== null) await outside.stopExecution(runId);
      await postpone(tenant, key, RUN_CHECK_MS);
    },
  };
}

const messageOf = ({ tenant, task_id, trace_id }: Task): TaskMessage => ({
  v: 1,
  tenant,
  task_id,
  trace_id,
});

async function resendTask(
  table: TenantTable,
  taskId: string,
  outside: SweepOutside,
  evenRunning = false,
): Promise<void> {
  const key = keys.task(table.tenant, taskId);
  const item = await table.get(key.pk, key.sk);
  if (!item) return;
  const task = Task.parse(item);
  if (task.status === 'PENDING') {
    await outside.enqueue(task.priority, messageOf(task));
    await dynamoTaskStore(table).markQueued(taskId);
    return;
  }
  if (task.status === 'RETRYING' || (evenRunning && task.status === 'RUNNING')) {
    await outside.enqueue(task.priority, messageOf(task));
  } else if (task.dead_letter_reason !== null) {
    await outside.deadLetter(messageOf(task), task.dead_letter_reason);
  }
  if (item['dk'] === DUE) await table.update({ ...key, update: 'REMOVE dk, ds' });
}
