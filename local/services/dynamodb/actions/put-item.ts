import type { Action } from '#local/kernel/service.ts';
import { refuseLegacy, tableNeed } from '../access.ts';
import { conditionOf } from '../expression/parse-cache.ts';
import type { Parts } from '../parts.ts';
import { Capacity } from '../table/capacity.ts';
import { invalid, requireOneOf } from '../validation.ts';
import { evaluateWrite, preparePut, storeOutcome, type PutInput } from '../write-item.ts';

interface Input extends PutInput {
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
}

export const putItem = (parts: Parts): Action<Input> => ({
  authorize: (input) => [
    tableNeed(parts.tables, 'PutItem', input.TableName, {
      keys: [input.Item],
      expressions: [conditionOf('ConditionExpression', input.ConditionExpression)],
      placeholders: input,
      returnValues: input.ReturnValues,
      returnConsumedCapacity: input.ReturnConsumedCapacity,
    }),
  ],
  run(input) {
    refuseLegacy(input);
    const capacity = new Capacity(input.ReturnConsumedCapacity, 'write');
    requireAllOldOrNone(input.ReturnValues);
    const write = preparePut(input, parts);
    const outcome = evaluateWrite(write, parts);
    storeOutcome(write, outcome, parts);
    parts.store.countWrite(write.table, outcome.before, outcome.after, capacity);
    return {
      ...(input.ReturnValues === 'ALL_OLD' &&
        outcome.before && { Attributes: outcome.before.item }),
      ...capacity.member(),
    };
  },
});

/** What puts and deletes can return. @throws AwsError ValidationException for anything else */
export function requireAllOldOrNone(returnValues: string | undefined): void {
  requireOneOf(returnValues, 'returnValues', RETURN_VALUES);
  if (returnValues !== undefined && returnValues !== 'ALL_OLD' && returnValues !== 'NONE') {
    throw invalid('ReturnValues can only be ALL_OLD or NONE');
  }
}

/** All values of the parameter ReturnValues. */
export const RETURN_VALUES = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'];
