import type { Action } from '#local/kernel/service.ts';
import { diagnose } from '#local/workflow/validation/diagnose.ts';
import { required } from '../states-context.ts';

interface Input {
  readonly definition?: string;
  readonly type?: 'STANDARD' | 'EXPRESS';
  readonly maxResults?: number;
}

/** How many diagnostics AWS gives at most. */
const MAX_DIAGNOSTICS = 100;

export const validateStateMachineDefinition: Action<Input> = {
  reads: true,
  authorize: () => [{ action: 'states:ValidateStateMachineDefinition', resource: '*' }],
  run({ definition, type = 'STANDARD', maxResults = MAX_DIAGNOSTICS }) {
    const all = diagnose(required(definition, 'definition'), { type });
    const diagnostics = all.slice(0, maxResults || MAX_DIAGNOSTICS);
    return {
      result: all.length > 0 ? 'FAIL' : 'OK',
      diagnostics,
      truncated: diagnostics.length < all.length,
    };
  },
};
