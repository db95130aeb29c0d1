import type { Action } from '#local/kernel/service.ts';
import type { Parts } from '../parts.ts';
import { constraintFailed } from '../validation.ts';

interface Input {
  readonly ExclusiveStartTableName?: string;
  readonly Limit?: number;
}

/** Also the largest limit that may be asked for. */
const MAX_NAMES = 100;

export const listTables = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize: () => [{ action: 'dynamodb:ListTables', resource: '*' }],
  run(input) {
    const limit = input.Limit ?? MAX_NAMES;
    if (limit < 1 || limit > MAX_NAMES) {
      const bound = limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_NAMES}`;
      throw constraintFailed(limit, 'limit', `Member must have value ${bound}`);
    }
    const start = input.ExclusiveStartTableName;
    const names = parts.tables.all
      .map(({ name }) => name)
      .filter((name) => start === undefined || name > start);
    return {
      TableNames: names.slice(0, limit),
      ...(names.length > limit && { LastEvaluatedTableName: names[limit - 1] }),
    };
  },
});
