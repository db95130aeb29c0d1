import { randomBytes } from 'node:crypto';
import { openBudget } from '#shared/domain/budget/budget.ts';
import { chain, emptyLog } from '#shared/domain/decision/decision.ts';
import { makeId, type IdPrefix } from '#shared/domain/id/id.ts';
import type { Run, RunRef } from '#shared/domain/run/run.ts';
import type { TaskBody } from '#shared/domain/task/task.ts';
import { Workflow } from '#shared/domain/task/workflow.ts';
import { compilePolicy } from '#shared/policy/judge.ts';
import { parsePolicy } from '#shared/policy/policy-document.ts';
import { DEFAULT_POLICY_YAML } from '#shared/policy/default-policy.ts';
import { MemoryLedger } from './memory-ledger.ts';

/** A fixed moment: 2026-11-21, 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 21, 12);

export const nextId = (prefix: IdPrefix): string => makeId(prefix, NOON, randomBytes(10));

export function aRunRef(changes: Partial<RunRef> = {}): RunRef {
  return {
    tenant: 'acme',
    task_id: nextId('task'),
    run_id: nextId('run'),
    generation: 1,
    attempt: 1,
    trace_id: 'run-00000000-0000-0000-0000-000000000000',
    mode: 'workflow',
    body_digest: '0'.repeat(64),
    limits: { steps: 100, tokens: 1_000_000 },
    approval_timeout_seconds: 3600,
    ...changes,
  };
}

/** A run that has just begun, in a ledger of its own. */
export function aLedger(ref: RunRef, limitMicros = 1_000_000): MemoryLedger {
  const { records, log } = chain(
    [{ kind: 'started', principal: 'user:olivia', facts: {} }],
    {
      tenant: ref.tenant,
      task_id: ref.task_id,
      run_id: ref.run_id,
      generation: 1,
      turn: 0,
      pass: 0,
      at: new Date(NOON).toISOString(),
    },
    emptyLog(ref.tenant, ref.run_id),
    () => nextId('dec'),
  );
  const run: Run = {
    v: 1,
    ref,
    status: 'RUNNING',
    cursor: { turn: 0, pass: 0, ...log, policy: 1, steps: 0, tokens: 0, open: [] },
    budget: openBudget(limitMicros),
    started_at: new Date(NOON).toISOString(),
    ended_at: null,
    cancel_requested_at: null,
    cancel_requested_by: null,
    submitted_by: 'user:olivia',
    waiting_for: [],
    outcome: null,
    last_seq: -1,
    last_output: null,
    settled_at: null,
  };
  const ledger = new MemoryLedger(run);
  ledger.log.push(...records);
  return ledger;
}

export const aWorkflow = (...steps: unknown[]): TaskBody => ({
  words: null,
  workflow: Workflow.parse({ steps }),
});

export const aPolicy = (yaml = DEFAULT_POLICY_YAML, version = 1) => ({
  version,
  policy: compilePolicy(parsePolicy(yaml)),
});
