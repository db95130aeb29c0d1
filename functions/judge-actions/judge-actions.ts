import { LedgerEntry } from '#shared/domain/run/ledger-entry.ts';
import { isRunOver, type Judgement, type Run, type RunOutcome } from '#shared/domain/run/run.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { isoTime } from '#shared/ports/clock.ts';
import type { CurrentPolicy } from '#shared/ports/policy-source.ts';
import type { CommitResult } from '#shared/ports/run-ledger.ts';
import type { Input } from './contract.ts';
import type { JudgeActionsDeps } from './deps.ts';
import { planNext } from './plan-next.ts';
import type { Plan } from './plan.ts';
import { weighOpen } from './weigh-open.ts';

/** How often a commit is planned anew because the policy moved meanwhile. */
const MAX_PLANS = 4;

/**
 * Records how the last actions ended, judges the next ones by policy and budget, and signs the
 * permit for those that may be carried out: all in one transaction, which a retry finds done.
 *
 * @throws AppError `run.superseded` when another writer moved the run on
 */
export async function judgeActions(input: Input, deps: JudgeActionsDeps): Promise<Judgement> {
  if (await nothingToJudge(input, deps)) return alreadyOver(input, deps);
  let policy = await deps.policies.version(input.cursor.policy);
  for (let attempt = 0; attempt < MAX_PLANS; attempt += 1) {
    const plan = await planWith(input, deps, policy);
    const result = await commit(deps, plan, policy.version);
    if (result.kind === 'committed') return plan.judgement;
    if (result.kind === 'policy_moved') policy = await deps.policies.current();
    else return afterConflict(input, deps, result);
  }
  throw new AppError('run.superseded', 'The policy moves faster than a run can be judged.');
}

/** True when the model brought no turn: it ended the run, or the run was cancelled meanwhile. */
async function nothingToJudge(
  { run, cursor }: Input,
  { ledger }: JudgeActionsDeps,
): Promise<boolean> {
  if (run.mode === 'workflow' || cursor.open.length > 0) return false;
  return (await ledger.turn(cursor.turn)) === undefined;
}

async function alreadyOver(input: Input, deps: JudgeActionsDeps): Promise<Judgement> {
  const run = await deps.ledger.load();
  if (!run) throw new AppError('run.not_found', 'The run is not stored.');
  if (isRunOver(run.status)) return over(run);
  if (run.cancel_requested_at === null) {
    throw new AppError('run.superseded', 'The turn to be judged is not stored.');
  }
  return afterConflict({ ...input, cursor: run.cursor }, deps, { kind: 'cancelled', run });
}

interface Planned {
  readonly judgement: Judgement;
  readonly entry: ReturnType<LedgerEntry['close']>;
}

async function planWith(
  input: Input,
  deps: JudgeActionsDeps,
  policy: CurrentPolicy,
): Promise<Planned> {
  const entry = new LedgerEntry(input.run, input.cursor, isoTime(deps.now()));
  const weighed = await weighOpen(input, entry, policy, deps);
  const plan = await planNext(input, entry, weighed, policy, deps);
  return closePlan(input, deps, entry, plan, policy);
}

async function closePlan(
  input: Input,
  deps: JudgeActionsDeps,
  entry: LedgerEntry,
  plan: Plan,
  policy: CurrentPolicy,
): Promise<Planned> {
  if (plan.outcome) recordEnd(entry, plan.outcome);
  const closed = entry.close(
    {
      turn: plan.turn,
      pass: plan.pass,
      open: plan.open,
      steps: plan.steps,
      policy: policy.version,
      status: plan.outcome?.status ?? (plan.next === 'ask' ? 'WAITING' : 'RUNNING'),
      ...(plan.outcome ? { outcome: plan.outcome } : {}),
      ...(plan.next === 'ask'
        ? { waitingFor: plan.tickets.flatMap((ticket) => ticket.approval_id ?? []) }
        : {}),
    },
    () => deps.nextId('dec'),
  );
  const permit =
    plan.permitted.length === 0
      ? null
      : await deps.signer.sign({
          v: 1,
          stage: deps.stage,
          tenant: input.run.tenant,
          task_id: input.run.task_id,
          run_id: input.run.run_id,
          generation: input.run.generation,
          turn: plan.turn,
          pass: plan.pass,
          expires_at: isoTime(deps.now() + plan.permitSeconds * 1000),
          actions: [...plan.permitted],
        });
  const judgement: Judgement = {
    next: plan.next,
    then: plan.then,
    cursor: closed.to,
    actions: [...plan.tickets],
    permit,
    outcomes: [],
  };
  return { judgement, entry: closed };
}

function recordEnd(entry: LedgerEntry, outcome: RunOutcome): void {
  entry.record({
    kind: 'finished',
    principal: 'system',
    facts: { status: outcome.status, code: outcome.code },
  });
}

function commit(
  { ledger }: JudgeActionsDeps,
  { judgement, entry }: Planned,
  policyVersion: number,
): Promise<CommitResult> {
  // Only a verdict rests on the policy; an end or a mere record does not.
  const judges = entry.records.some(({ kind }) => kind === 'judged');
  return ledger.commit({
    ...entry,
    output: JSON.stringify(judgement),
    ...(judges ? { policyVersion } : {}),
  });
}

async function afterConflict(
  input: Input,
  deps: JudgeActionsDeps,
  result: Exclude<CommitResult, { kind: 'committed' | 'policy_moved' }>,
): Promise<Judgement> {
  switch (result.kind) {
    case 'replayed':
      return JSON.parse(result.output) as Judgement;
    case 'cancelled':
      return end(input, deps, {
        status: 'CANCELLED',
        code: 'task.cancelled',
        message: `Cancelled by ${result.run.cancel_requested_by ?? 'somebody'}.`,
        answer: null,
      });
    case 'over_budget':
      return end(input, deps, {
        status: 'FAILED',
        code: 'budget.exceeded',
        message: `The next action could cost more than the ${result.run.budget.available / 1_000_000} USD that are left.`,
        answer: null,
      });
    case 'superseded':
      if (isRunOver(result.run.status)) return over(result.run);
      throw new AppError('run.superseded', 'Another writer moved the run on.');
  }
}

/** Ends the run without judging anything further; what was open is settled at its full reservation. */
async function end(input: Input, deps: JudgeActionsDeps, outcome: RunOutcome): Promise<Judgement> {
  const entry = new LedgerEntry(input.run, input.cursor, isoTime(deps.now()));
  for (const open of input.cursor.open) {
    const known = input.outcomes.find(({ index }) => index === open.index);
    const untouched = open.verdict === 'ask';
    entry.settle(open.reserved, known?.cost_micros ?? (untouched ? 0 : open.reserved));
  }
  const plan: Plan = {
    next: 'finish',
    then: 'finish',
    turn: input.cursor.turn,
    pass: input.cursor.pass,
    steps: input.cursor.steps,
    open: [],
    tickets: [],
    permitted: [],
    permitSeconds: 0,
    outcome,
  };
  const policy = await deps.policies.version(input.cursor.policy);
  const planned = await closePlan(input, deps, entry, plan, policy);
  const result = await deps.ledger.commit({
    ...planned.entry,
    output: JSON.stringify(planned.judgement),
    evenIfCancelled: true,
  });
  if (result.kind === 'committed') return planned.judgement;
  if (result.kind === 'replayed') return JSON.parse(result.output) as Judgement;
  if (result.kind === 'superseded' && isRunOver(result.run.status)) return over(result.run);
  throw new AppError('run.superseded', 'Another writer moved the run on.');
}

const over = (run: Run): Judgement => ({
  next: 'finish',
  then: 'finish',
  cursor: run.cursor,
  actions: [],
  permit: null,
  outcomes: [],
});
