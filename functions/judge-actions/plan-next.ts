import { actionOf, type LedgerEntry } from '#shared/domain/run/ledger-entry.ts';
import type { CurrentPolicy } from '#shared/ports/policy-source.ts';
import { toolNamed } from '#shared/tools/index.ts';
import type { Input } from './contract.ts';
import type { JudgeActionsDeps } from './deps.ts';
import { judgeNew, type NewAction } from './judge-new.ts';
import { actOrAsk, finish, permittedOf, tooManySteps, type Plan } from './plan.ts';
import type { Weighed } from './weigh-open.ts';
import { workflowStep } from './workflow-step.ts';

/** Decides what comes next, once it is known what has become of the open actions. */
export async function planNext(
  input: Input,
  entry: LedgerEntry,
  weighed: Weighed,
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
): Promise<Plan> {
  const { cursor, run } = input;
  if (weighed.granted.length > 0 || weighed.toAsk.length > 0) {
    return continueTurn(input, entry, weighed);
  }
  if (run.mode === 'workflow') return workflowStep(input, entry, weighed.ended, policy, deps);
  if (cursor.open.length > 0) return nextTurn(input);
  const turn = await deps.ledger.turn(cursor.turn);
  if (!turn) throw new Error('the turn to be judged is not stored');
  if (turn.answer !== null) {
    return finish(input, {
      status: 'COMPLETED',
      code: null,
      message: 'Done.',
      answer: turn.answer,
    });
  }
  const judged: NewAction[] = [];
  for (const [index, { tool, input: asked }] of turn.actions.entries()) {
    const proposed = { turn: cursor.turn, index, tool, input: asked };
    judged.push(await judgeNew(input, entry, proposed, policy, deps, judged));
  }
  const steps = cursor.steps + judged.length;
  if (steps > run.limits.steps) return finish(input, tooManySteps(run.limits.steps));
  const open = judged.flatMap((action) => action.open ?? []);
  return open.length === 0
    ? { ...nextTurn(input), steps }
    : actOrAsk(
        input,
        open,
        judged.flatMap((a) => a.permitted ?? []),
        steps,
      );
}

/** Some actions of the turn wait for a person or have just been granted. */
function continueTurn(input: Input, entry: LedgerEntry, { granted, toAsk }: Weighed): Plan {
  const permitted = granted.map(({ open, action, again }) => {
    const tool = toolNamed(action.tool);
    const reserved = tool?.worstCaseMicros(action.input ?? {}) ?? 0;
    entry.reserve(reserved);
    entry.write({ ...action, status: 'ALLOWED', reserved });
    entry.record({
      kind: 'judged',
      principal: `policy:${action.policy_version}`,
      action: actionOf(open),
      facts: { verdict: 'allow', approval_id: open.approval_id, again },
      budget: { reserved, spent: 0 },
    });
    return { ...permittedOf(open, action.executor, action.policy_version, reserved), again };
  });
  const allowed = granted.map(({ open }, i) => ({
    ...open,
    verdict: 'allow' as const,
    reserved: permitted[i]?.reserved ?? 0,
  }));
  return actOrAsk(input, [...allowed, ...toAsk], permitted, input.cursor.steps);
}

/** Nothing of the turn is left to do: the model chooses again. */
const nextTurn = ({ cursor }: Input): Plan => ({
  next: 'choose',
  then: 'choose',
  turn: cursor.turn + 1,
  pass: 0,
  steps: cursor.steps,
  open: [],
  tickets: [],
  permitted: [],
  permitSeconds: 0,
});
