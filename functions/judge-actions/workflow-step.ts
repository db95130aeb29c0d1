import type { LedgerEntry } from '#shared/domain/run/ledger-entry.ts';
import type { RunOutcome } from '#shared/domain/run/run.ts';
import {
  referencedSteps,
  resolveReferences,
  type Workflow,
  type WorkflowStep,
} from '#shared/domain/task/workflow.ts';
import type { CurrentPolicy } from '#shared/ports/policy-source.ts';
import type { Input } from './contract.ts';
import type { JudgeActionsDeps } from './deps.ts';
import { judgeNew } from './judge-new.ts';
import { actOrAsk, finish, tooManySteps, type Plan } from './plan.ts';
import type { EndedAction } from './weigh-open.ts';

/** The next step of an explicit workflow, or its end. A turn is a step; no model is asked. */
export async function workflowStep(
  input: Input,
  entry: LedgerEntry,
  ended: readonly EndedAction[],
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
): Promise<Plan> {
  const { workflow } = await deps.readBody();
  if (!workflow) throw new Error('the task has no workflow');
  const { cursor, run } = input;
  const [last] = ended;
  const stop = last && stopFor(workflow.steps[cursor.turn], last);
  if (stop) return finish(input, stop);
  for (let turn = cursor.turn + (last ? 1 : 0); ; turn += 1) {
    const step = workflow.steps[turn];
    if (!step) return finish(input, completed(workflow));
    if (cursor.steps >= run.limits.steps) return finish(input, tooManySteps(run.limits.steps));
    const resolved = await resolveInput(workflow, turn, step, run.run_id, deps);
    const proposed = { turn, index: 0, tool: step.tool, input: resolved };
    const { action, open, permitted } = await judgeNew(input, entry, proposed, policy, deps, []);
    if (open) return actOrAsk(input, [open], permitted ? [permitted] : [], cursor.steps + 1, turn);
    const failed = stopFor(step, {
      index: 0,
      status: action.verdict === 'deny' ? 'denied' : 'failed',
      code: action.verdict === 'deny' ? 'policy.denied' : codeOf(action.observation),
      message: action.reasons.join('; '),
    });
    if (failed) return finish(input, failed);
  }
}

const completed = (workflow: Workflow): RunOutcome => ({
  status: 'COMPLETED',
  code: null,
  message: `All ${workflow.steps.length} steps are done.`,
  answer: null,
});

function codeOf(observation: string | null): string {
  const { error } = JSON.parse(observation ?? '{}') as { error?: { code?: string } };
  return error?.code ?? 'tool.failed';
}

/** How the run ends when a step did not go well, unless the step says to go on. */
function stopFor(
  step: WorkflowStep | undefined,
  { status, code, message }: EndedAction,
): RunOutcome | undefined {
  const branch = {
    done: 'continue',
    failed: step?.on_error,
    denied: step?.on_error,
    refused: step?.on_refused,
    expired: step?.on_expired,
  }[status];
  if (branch === 'continue') return undefined;
  return { status: 'FAILED', code, message, answer: null };
}

async function resolveInput(
  workflow: Workflow,
  turn: number,
  step: WorkflowStep,
  runId: string,
  { ledger, observations }: JudgeActionsDeps,
): Promise<unknown> {
  const wanted = referencedSteps(step.input);
  if (wanted.length === 0) return step.input;
  const outputs = new Map<string, unknown>();
  for (const id of wanted) {
    const at = workflow.steps.findIndex((candidate) => candidate.id === id);
    if (at < 0 || at >= turn) continue;
    const action = await ledger.action(at, 0);
    if (action?.observation_digest == null) continue;
    const json = action.observation ?? (await observations.get(runId, action.observation_digest));
    outputs.set(id, (JSON.parse(json) as { output?: unknown }).output);
  }
  return resolveReferences(step.input, outputs);
}
