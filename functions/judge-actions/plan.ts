import { PERMIT_SECONDS, type PermittedAction } from '#shared/domain/permit/permit.ts';
import type { ActionTicket, Judgement, OpenAction, RunOutcome } from '#shared/domain/run/run.ts';
import type { Input } from './contract.ts';

/** What the state machine does next, and what the run's cursor becomes. */
export interface Plan {
  readonly next: Judgement['next'];
  readonly then: Judgement['then'];
  readonly turn: number;
  readonly pass: number;
  readonly steps: number;
  readonly open: readonly OpenAction[];
  readonly tickets: readonly ActionTicket[];
  readonly permitted: readonly PermittedAction[];
  readonly permitSeconds: number;
  readonly outcome?: RunOutcome;
}

/** First everything that may be carried out, so that nothing waits for another action's approval. */
export function actOrAsk(
  input: Input,
  open: readonly OpenAction[],
  permitted: readonly PermittedAction[],
  steps: number,
  turn = input.cursor.turn,
): Plan {
  const pass = turn === input.cursor.turn ? input.cursor.pass + 1 : 1;
  const base = { turn, pass, steps, open, permitted, permitSeconds: PERMIT_SECONDS };
  const asked = open.filter(({ verdict }) => verdict === 'ask');
  if (permitted.length === 0) {
    const tickets = asked.map((action) => ticketOf(input, turn, pass, action, 'person'));
    return { ...base, next: 'ask', then: 'judge', tickets, permitted: [] };
  }
  const tickets = permitted.map((action) => {
    const reserved = open.find(({ index }) => index === action.index);
    if (!reserved) throw new Error('a permitted action is not open');
    return ticketOf(input, turn, pass, reserved, action.executor);
  });
  const [only] = permitted;
  const then = input.run.mode === 'workflow' || asked.length > 0 ? 'judge' : 'choose';
  if (permitted.length > 1 || !only) return { ...base, next: 'act_many', then, tickets };
  if (only.executor === 'sandbox') return { ...base, next: 'sandbox', then, tickets };
  if (input.run.mode === 'workflow') return { ...base, next: 'step', then, tickets };
  return { ...base, next: asked.length > 0 ? 'act_many' : 'act', then, tickets };
}

const ticketOf = (
  { run }: Input,
  turn: number,
  pass: number,
  action: OpenAction,
  executor: ActionTicket['executor'],
): ActionTicket => ({
  turn,
  pass,
  index: action.index,
  tool: action.tool,
  executor,
  approval_id: action.approval_id,
  timeout_seconds: run.approval_timeout_seconds,
});

export const permittedOf = (
  open: OpenAction,
  executor: PermittedAction['executor'],
  policyVersion: number,
  reserved: number,
): PermittedAction => ({
  index: open.index,
  tool: open.tool,
  tool_version: open.tool_version,
  call_hash: open.call_hash,
  effect_key: open.effect_key,
  occurrence: open.occurrence,
  executor,
  approval_id: open.approval_id,
  reserved,
  policy_version: policyVersion,
  again: false,
});

/** The run is over. */
export const finish = ({ cursor }: Input, outcome: RunOutcome): Plan => ({
  next: 'finish',
  then: 'finish',
  turn: cursor.turn,
  pass: cursor.pass,
  steps: cursor.steps,
  open: [],
  tickets: [],
  permitted: [],
  permitSeconds: 0,
  outcome,
});

export const tooManySteps = (limit: number): RunOutcome => ({
  status: 'FAILED',
  code: 'run.steps_exceeded',
  message: `The run may take ${limit} actions.`,
  answer: null,
});
