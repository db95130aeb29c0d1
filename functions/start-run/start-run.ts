import { openBudget, microsOf } from '#shared/domain/budget/budget.ts';
import { chain, emptyLog } from '#shared/domain/decision/decision.ts';
import type { Run, RunRef } from '#shared/domain/run/run.ts';
import { isTaskOver, type Task, type TaskMessage } from '#shared/domain/task/task.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import type { AdmissionStore } from '#shared/ports/task-store.ts';
import type { ExecutionInput } from './contract.ts';

export interface StartRunDeps {
  readonly store: AdmissionStore;
  /** Starts the state machine under the run's name; doing it twice is the same as once. */
  readonly startExecution: (name: string, input: ExecutionInput) => Promise<void>;
  readonly now: Clock;
  readonly nextId: IdSource;
}

/**
 * Begins a run for a queued task, when the tenant has a place; else the task waits in line. Every
 * delivery of the message, first or repeated, ends in the same one run.
 */
export async function startRun(message: TaskMessage, deps: StartRunDeps): Promise<void> {
  const { store } = deps;
  const task = await store.task(message.task_id);
  if (!task || isTaskOver(task.status)) return;
  if (task.status === 'RUNNING') return continueRun(task, deps);
  const { concurrent_runs: limit, policy_version } = await store.limits();
  const { run, record } = firstEntry(task, policy_version, deps);
  const admission = await store.admit(task, run, record, limit);
  switch (admission.kind) {
    case 'admitted':
      return deps.startExecution(run.ref.run_id, inputOf(run));
    case 'begun':
      return continueRun(admission.task, deps);
    case 'over':
      return;
    case 'full':
      await store.park(task);
      // A place that came free while the task was being parked would be seen by nobody else.
      if (await store.hasPlace(limit)) return startRun(message, deps);
  }
}

/** The run is stored; whether its execution was started is not known, so it is started again. */
async function continueRun(task: Task, { store, startExecution }: StartRunDeps): Promise<void> {
  const run = task.run_id === null ? undefined : await store.run(task.run_id);
  if (run && run.last_seq < 0) await startExecution(run.ref.run_id, inputOf(run));
}

const inputOf = (run: Run): ExecutionInput => ({
  run: run.ref,
  cursor: run.cursor,
  mode: run.ref.mode,
});

function firstEntry(task: Task, policyVersion: number, { now, nextId }: StartRunDeps) {
  const at = isoTime(now());
  const ref: RunRef = {
    tenant: task.tenant,
    task_id: task.task_id,
    run_id: nextId('run'),
    generation: 1,
    attempt: task.attempt + 1,
    trace_id: task.trace_id,
    mode: task.mode,
    body_digest: task.body_digest,
    limits: { steps: task.limits.steps, tokens: task.limits.tokens },
    approval_timeout_seconds: task.approval_timeout_seconds,
  };
  const limit = microsOf(task.limits.usd);
  const { records, log } = chain(
    [
      {
        kind: 'started',
        principal: task.submitted_by,
        facts: {
          mode: task.mode,
          attempt: ref.attempt,
          limits: task.limits,
          policy: policyVersion,
        },
        body_digest: task.body_digest,
      },
    ],
    {
      tenant: ref.tenant,
      task_id: ref.task_id,
      run_id: ref.run_id,
      generation: 1,
      turn: 0,
      pass: 0,
      at,
    },
    emptyLog(ref.tenant, ref.run_id),
    () => nextId('dec'),
  );
  const run: Run = {
    v: 1,
    ref,
    status: 'RUNNING',
    cursor: { turn: 0, pass: 0, ...log, policy: policyVersion, steps: 0, tokens: 0, open: [] },
    budget: openBudget(limit),
    started_at: at,
    ended_at: null,
    cancel_requested_at: null,
    cancel_requested_by: null,
    submitted_by: task.submitted_by,
    waiting_for: [],
    outcome: null,
    last_seq: -1,
    last_output: null,
    settled_at: null,
  };
  return { run, record: records[0] ?? {} };
}
