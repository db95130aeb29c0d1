import type { RunOutcome } from '#shared/domain/run/run.ts';
import type { ModelAnswer } from '#shared/ports/language-model.ts';

/** A model without a price cannot be held by a budget. */
export const unpriced = (model: string): RunOutcome => ({
  status: 'FAILED',
  code: 'budget.unpriced',
  message: `The model ${model} has no price, so no budget could hold it.`,
  answer: null,
});

export const tokensExceeded = (limit: number): RunOutcome => ({
  status: 'FAILED',
  code: 'budget.exceeded',
  message: `The next call of the model could exceed the limit of ${limit} tokens.`,
  answer: null,
});

export const overBudget: RunOutcome = {
  status: 'FAILED',
  code: 'budget.exceeded',
  message: 'The next call of the model could cost more than is left.',
  answer: null,
};

/** Why a call of the model ends the run. */
export const failureOf = (answer: Exclude<ModelAnswer, { kind: 'answered' }>): RunOutcome => ({
  status: 'FAILED',
  code: answer.kind === 'refused' ? 'model.refused' : 'model.unavailable',
  message: answer.reason.slice(0, 300),
  answer: null,
});
