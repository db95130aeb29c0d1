import type { ModelAnswer } from '#shared/ports/language-model.ts';
import type { Turn } from '#shared/ports/run-ledger.ts';

/** More actions in one turn than this are not taken. */
const MAX_ACTIONS = 10;

/** What the model said, as the turn that will be judged. */
export function turnOf(
  turn: number,
  answer: Extract<ModelAnswer, { kind: 'answered' }>,
  model: string,
  cost: number,
): Turn {
  const actions = answer.calls.slice(0, MAX_ACTIONS).map(({ id, tool, input }) => ({
    id,
    tool,
    input: input === undefined ? null : input,
  }));
  return {
    turn,
    actions,
    answer: actions.length === 0 ? answer.text : null,
    model,
    tokens: answer.tokens,
    cost_micros: cost,
  };
}
