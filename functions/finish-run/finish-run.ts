import { chain } from '#shared/domain/decision/decision.ts';
import { isRunOver, type Run, type RunOutcome } from '#shared/domain/run/run.ts';
import { MAX_RETRIES, type Task, type TaskMessage } from '#shared/domain/task/task.ts';
import { ERROR_CODES, isErrorCode } from '#shared/errors/error-codes.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import type { RunCloser, TaskFate } from '#shared/ports/run-closer.ts';
import type { Input } from './contract.ts';

export interface FinishRunDeps {
  readonly closer: RunCloser;
  readonly enqueue: (
    priority: Task['priority'],
    message: TaskMessage,
    delaySeconds: number,
  ) => Promise<void>;
  readonly deadLetter: (message: TaskMessage, reason: string) => Promise<void>;
  readonly publish: (detailType: string, detail: Record<string, unknown>) => Promise<void>;
  readonly stopSandbox: () => Promise<void>;
  readonly now: Clock;
  readonly nextId: IdSource;
}

/** What was to be sent and was not is sent by `sweep` after this. */
const SEND_GRACE_MS = 30_000;
/** How many waiting tasks are offered the place that came free. */
const OFFERED = 2;
const RETRY_BASE_SECONDS = 2;

/**
 * Closes a run whose execution has ended, however it ended: settles its money, frees its place,
 * decides what becomes of the task, stops its sandbox, tells the world. Safe to call any number of
 * times.
 */
export async function finishRun({ detail }: Input, deps: FinishRunDeps): Promise<void> {
  const [run, task] = await Promise.all([deps.closer.run(), deps.closer.task()]);
  if (!run || !task) return;
  const at = isoTime(deps.now());
  const outcome = run.outcome ?? endOf(run, detail);
  if (run.settled_at === null) {
    const records = isRunOver(run.status) ? [] : lastRecords(run, outcome, at, deps);
    const fate = fateOf(task, outcome, deps.now());
    await deps.closer.settle(run, outcome, records, fate, at);
  }
  await deps.stopSandbox();
  for (const { approvalId } of await deps.closer.waits()) {
    if (approvalId !== null) await deps.closer.cancelApproval(approvalId, at);
  }
  await send(run, outcome, deps);
  await offerPlace(task.tenant, deps);
}

/** The end of a run that could not write its own. */
function endOf(run: Run, { status, error, cause }: Input['detail']): RunOutcome {
  if (run.cancel_requested_at !== null) {
    const message = `Cancelled by ${run.cancel_requested_by ?? 'somebody'}.`;
    return { status: 'CANCELLED', code: 'task.cancelled', message, answer: null };
  }
  const failed = (code: string, message: string): RunOutcome => ({
    status: 'FAILED',
    code,
    message,
    answer: null,
  });
  switch (status) {
    case 'TIMED_OUT':
      return failed('run.timed_out', 'The run exceeded its time.');
    case 'ABORTED':
      return failed('run.aborted', 'The run was stopped from outside.');
    default:
      return failed(
        error && isErrorCode(error) ? error : 'run.crashed',
        `The run ended by ${error ?? 'an unknown error'}${cause ? `: ${cause.slice(0, 200)}` : ''}.`,
      );
  }
}

function lastRecords(run: Run, outcome: RunOutcome, at: string, { nextId }: FinishRunDeps) {
  const { tenant, task_id, run_id, generation } = run.ref;
  const { turn, pass } = run.cursor;
  return chain(
    [
      {
        kind: 'finished',
        principal: 'system',
        facts: { status: outcome.status, code: outcome.code },
        budget: { reserved: -run.budget.reserved, spent: run.budget.reserved },
      },
    ],
    { tenant, task_id, run_id, generation, turn, pass, at },
    run.cursor,
    () => nextId('dec'),
  ).records;
}

const isRetryable = ({ code }: RunOutcome): boolean =>
  code !== null && isErrorCode(code) && ERROR_CODES[code].retryable;

function fateOf(task: Task, outcome: RunOutcome, now: number): TaskFate {
  const at = isoTime(now);
  const dueAt = isoTime(now + SEND_GRACE_MS);
  if (outcome.status !== 'FAILED') {
    return { status: outcome.status, endedAt: at, deadLetterReason: null, dueAt: null };
  }
  if (!isRetryable(outcome)) {
    return { status: 'FAILED', endedAt: at, deadLetterReason: null, dueAt: null };
  }
  if (task.attempt <= MAX_RETRIES) {
    return { status: 'RETRYING', endedAt: null, deadLetterReason: null, dueAt };
  }
  const reason = `${outcome.code}: ${outcome.message}`.slice(0, 500);
  return { status: 'FAILED', endedAt: at, deadLetterReason: reason, dueAt };
}

/** Sends what the task's stored fate asks for; read anew, because another call may have decided it. */
async function send(run: Run, outcome: RunOutcome, deps: FinishRunDeps): Promise<void> {
  const task = await deps.closer.task();
  if (!task || task.run_id !== run.ref.run_id) return;
  const { tenant, task_id, trace_id } = task;
  const message: TaskMessage = { v: 1, tenant, task_id, trace_id };
  if (task.status === 'RETRYING') {
    await deps.enqueue(task.priority, message, RETRY_BASE_SECONDS ** task.attempt);
    await deps.closer.markSent();
  } else if (task.dead_letter_reason !== null) {
    await deps.deadLetter(message, task.dead_letter_reason);
    await deps.closer.markSent();
  }
  await deps.publish(`task.${task.status.toLowerCase()}`, {
    tenant,
    task_id,
    run_id: run.ref.run_id,
    trace_id,
    status: task.status,
    code: outcome.code,
  });
}

/** A place came free: the first in line is queued again. Whoever is not needed parks once more. */
async function offerPlace(tenant: string, { closer, enqueue }: FinishRunDeps): Promise<void> {
  for (const { task_id, priority, trace_id } of await closer.nextWaiting(OFFERED)) {
    await enqueue(priority, { v: 1, tenant, task_id, trace_id }, 0);
  }
}
