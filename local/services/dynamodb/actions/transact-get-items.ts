import type { Action } from '#local/kernel/service.ts';
import { tableNeed } from '../access.ts';
import { projectionOf } from '../expression/parse-cache.ts';
import type { PlaceholderInput } from '../expression/placeholders.ts';
import type { Parts } from '../parts.ts';
import { prepareProjection } from '../read-projection.ts';
import { Capacity, readUnits } from '../table/capacity.ts';
import { checkKey } from '../table/keys.ts';
import { invalid } from '../validation.ts';
import { refuseRepeats, requireTransactionLength } from './transact-write-items.ts';

interface Get extends PlaceholderInput {
  readonly TableName: string;
  readonly Key: unknown;
  readonly ProjectionExpression?: string;
}

interface Input {
  readonly TransactItems: readonly { readonly Get?: Get }[];
  readonly ReturnConsumedCapacity?: string;
}

export const transactGetItems = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize: (input) =>
    gets(input).map((get) =>
      tableNeed(parts.tables, 'GetItem', get.TableName, {
        keys: [get.Key],
        expressions: [projectionOf(get.ProjectionExpression)],
        placeholders: get,
        enclosing: 'TransactGetItems',
        select: get.ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ),
  run(input) {
    const capacity = new Capacity(input.ReturnConsumedCapacity, 'read').forTransaction();
    const prepared = gets(input).map((get) => {
      const projection = prepareProjection(get);
      const table = parts.tables.require(get.TableName);
      return { table, key: checkKey(table, get.Key), projection };
    });
    refuseRepeats(prepared);
    const responses = prepared.map(({ table, key, projection }) => {
      const stored = parts.store.get(table, key);
      // A transactional read costs two strongly consistent ones.
      capacity.add(table, 2 * readUnits(stored?.size ?? 0, true));
      return stored ? { Item: projection(stored.item) } : {};
    });
    return { Responses: responses, ...capacity.listMember() };
  },
});

function gets(input: Input): readonly Get[] {
  requireTransactionLength(input.TransactItems);
  return input.TransactItems.map(({ Get: get }) => {
    if (!get) throw invalid('TransactItems can only contain Get');
    return get;
  });
}
