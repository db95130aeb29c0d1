import type { Action } from '#local/kernel/service.ts';
import { refuseLegacy, tableNeed } from '../access.ts';
import { conditionOf } from '../expression/parse-cache.ts';
import type { Parts } from '../parts.ts';
import { Capacity } from '../table/capacity.ts';
import { evaluateWrite, prepareDelete, storeOutcome, type KeyedInput } from '../write-item.ts';
import { requireAllOldOrNone } from './put-item.ts';

interface Input extends KeyedInput {
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
}

export const deleteItem = (parts: Parts): Action<Input> => ({
  authorize: (input) => [
    tableNeed(parts.tables, 'DeleteItem', input.TableName, {
      keys: [input.Key],
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
    const write = prepareDelete(input, parts);
    const outcome = evaluateWrite(write, parts);
    storeOutcome(write, outcome, parts);
    parts.store.countWrite(write.table, outcome.before, undefined, capacity);
    return {
      ...(input.ReturnValues === 'ALL_OLD' &&
        outcome.before && { Attributes: outcome.before.item }),
      ...capacity.member(),
    };
  },
});
