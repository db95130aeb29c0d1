import { presentRun, presentTask } from '#shared/api/present.ts';
import type { RunView, TaskView } from '#shared/api/tasks.ts';
import type { Principal } from '#shared/domain/principal/principal.ts';
import { isRunOver, type Run } from '#shared/domain/run/run.ts';
import { isTaskOver, type Task, type TaskMessage } from '#shared/domain/task/task.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { Callbacks, OpenWait } from '#shared/ports/callback-token.ts';
import { isoTime, type Clock } from '#shared/ports/clock.ts';
import type { RunLedger } from '#shared/ports/run-ledger.ts';
import type { TaskStore } from '#shared/ports/task-store.ts';

export interface ServeTasksDeps {
  readonly tasks: TaskStore;
  readonly ledger: (runId: string) => RunLedger;
  /** True once a question is stored, so that it can be read and answered. */
  readonly isAsked: (approvalId: string) => Promise<boolean>;
  readonly now: Clock;
}

export async function findTask(taskId: string, { tasks }: ServeTasksDeps): Promise<Task> {
  const task = await tasks.find(taskId);
  if (!task) throw new AppError('task.not_found', `There is no task ${taskId}.`);
  return task;
}

/** A run with its steps and cost. @throws AppError `run.not_found` */
export async function readRun(
  runId: string,
  { ledger, isAsked }: ServeTasksDeps,
): Promise<RunView> {
  const stored = ledger(runId);
  const [run, actions, turns] = await Promise.all([
    stored.load(),
    stored.actions(),
    stored.turns(),
  ]);
  if (!run) throw new AppError('run.not_found', `There is no run ${runId}.`);
  return presentRun(await asAsked(run, isAsked), actions, turns);
}

/** A run waits, to whoever looks, from the moment at which its questions can be answered. */
async function asAsked(run: Run, isAsked: ServeTasksDeps['isAsked']): Promise<Run> {
  if (run.status !== 'WAITING') return run;
  const stored = await Promise.all(run.waiting_for.map(isAsked));
  const waitingFor = run.waiting_for.filter((_id, i) => stored[i]);
  return { ...run, status: waitingFor.length > 0 ? 'WAITING' : 'RUNNING', waiting_for: waitingFor };
}

export async function readTask(task: Task, deps: ServeTasksDeps): Promise<TaskView> {
  return presentTask(task, task.run_id === null ? null : await readRun(task.run_id, deps));
}

export interface CancelDeps extends ServeTasksDeps {
  readonly openWaits: (runId: string) => Promise<readonly OpenWait[]>;
  readonly cancelApproval: (approvalId: string, by: string) => Promise<void>;
  readonly callbacks: Callbacks;
  readonly stopSandbox: (runId: string) => Promise<void>;
}

/**
 * Cancels a task. One that has not begun ends at once; a run is asked to stop, its open callbacks
 * get a failure so that it walks to its end, and its sandbox is stopped.
 *
 * @throws AppError `task.not_found`, `task.over`
 */
export async function cancelTask(taskId: string, who: Principal, deps: CancelDeps): Promise<Task> {
  const task = await findTask(taskId, deps);
  if (isTaskOver(task.status)) throw new AppError('task.over', `The task is ${task.status}.`);
  const at = isoTime(deps.now());
  if (task.status !== 'RUNNING' && (await deps.tasks.cancelUnstarted(taskId, at))) {
    return findTask(taskId, deps);
  }
  const begun = await findTask(taskId, deps);
  if (begun.run_id === null || isTaskOver(begun.status)) return begun;
  await deps.tasks.requestCancel(begun, who.principal, at);
  await closeWaits(begun, begun.run_id, who, deps);
  return findTask(taskId, deps);
}

async function closeWaits(
  task: Task,
  runId: string,
  who: Principal,
  deps: CancelDeps,
): Promise<void> {
  const run = await deps.ledger(runId).load();
  if (!run || isRunOver(run.status)) return;
  await deps.stopSandbox(runId);
  for (const wait of await deps.openWaits(runId)) {
    if (wait.approvalId !== null) await deps.cancelApproval(wait.approvalId, who.principal);
    await deps.callbacks.fail(
      wait.sealedToken,
      task.tenant,
      runId,
      'task.cancelled',
      `Cancelled by ${who.principal}.`,
    );
  }
}

export interface RedriveDeps extends ServeTasksDeps {
  readonly enqueue: (priority: Task['priority'], message: TaskMessage) => Promise<void>;
}

/** A reopened task that was not queued by then is queued by `sweep`. */
const QUEUE_GRACE_MS = 30_000;

/**
 * Gives a dead-lettered task a new set of tries.
 *
 * @throws AppError `task.not_found`, `task.not_redrivable`
 */
export async function redriveTask(taskId: string, deps: RedriveDeps): Promise<Task> {
  const task = await findTask(taskId, deps);
  if (!(await deps.tasks.reopen(taskId, isoTime(deps.now() + QUEUE_GRACE_MS)))) {
    throw new AppError('task.not_redrivable', `The task is ${task.status} and not dead-lettered.`);
  }
  const { tenant, task_id, trace_id } = task;
  await deps.enqueue(task.priority, { v: 1, tenant, task_id, trace_id });
  await deps.tasks.markQueued(taskId);
  return findTask(taskId, deps);
}
