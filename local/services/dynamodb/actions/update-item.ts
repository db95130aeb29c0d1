import type { Action } from '#local/kernel/service.ts';
import { refuseLegacy, tableNeed } from '../access.ts';
import { project } from '../expression/document-path.ts';
import { conditionOf, updateOf } from '../expression/parse-cache.ts';
import type { Parts } from '../parts.ts';
import { Capacity } from '../table/capacity.ts';
import { requireOneOf } from '../validation.ts';
import type { Item } from '../values/attribute-value.ts';
import {
  evaluateWrite,
  prepareUpdate,
  storeOutcome,
  type Outcome,
  type PreparedWrite,
  type UpdateInput,
} from '../write-item.ts';
import { RETURN_VALUES } from './put-item.ts';

interface Input extends UpdateInput {
  readonly ReturnValues?: string;
  readonly ReturnConsumedCapacity?: string;
}

export const updateItem = (parts: Parts): Action<Input> => ({
  authorize: (input) => [
    tableNeed(parts.tables, 'UpdateItem', input.TableName, {
      keys: [input.Key],
      expressions: [
        conditionOf('ConditionExpression', input.ConditionExpression),
        updateOf(input.UpdateExpression),
      ],
      placeholders: input,
      returnValues: input.ReturnValues,
      returnConsumedCapacity: input.ReturnConsumedCapacity,
    }),
  ],
  run(input) {
    refuseLegacy(input);
    const capacity = new Capacity(input.ReturnConsumedCapacity, 'write');
    requireOneOf(input.ReturnValues, 'returnValues', RETURN_VALUES);
    const write = prepareUpdate(input, parts);
    const outcome = evaluateWrite(write, parts);
    storeOutcome(write, outcome, parts);
    parts.store.countWrite(write.table, outcome.before, outcome.after, capacity);
    const attributes = returned(input.ReturnValues, write, outcome);
    return { ...(attributes && { Attributes: attributes }), ...capacity.member() };
  },
});

function returned(
  mode: string | undefined,
  write: PreparedWrite,
  { before, after }: Outcome,
): Item | undefined {
  if (mode === 'ALL_OLD') return before?.item;
  if (mode === 'ALL_NEW') return after?.item;
  if (mode === 'UPDATED_OLD') return unlessEmpty(before && project(before.item, write.paths));
  if (mode === 'UPDATED_NEW') return unlessEmpty(after && project(after.item, write.paths));
  return undefined;
}

const unlessEmpty = (item: Item | undefined): Item | undefined =>
  item && Object.keys(item).length > 0 ? item : undefined;
