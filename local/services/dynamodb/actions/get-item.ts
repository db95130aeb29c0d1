import type { Action } from '#local/kernel/service.ts';
import { refuseLegacy, tableNeed } from '../access.ts';
import { prepareProjection } from '../read-projection.ts';
import { projectionOf } from '../expression/parse-cache.ts';
import type { PlaceholderInput } from '../expression/placeholders.ts';
import type { Parts } from '../parts.ts';
import { Capacity, readUnits } from '../table/capacity.ts';
import { checkKey } from '../table/keys.ts';

interface Input extends PlaceholderInput {
  readonly TableName: string;
  readonly Key: unknown;
  readonly ConsistentRead?: boolean;
  readonly ProjectionExpression?: string;
  readonly ReturnConsumedCapacity?: string;
}

export const getItem = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize: (input) => [
    tableNeed(parts.tables, 'GetItem', input.TableName, {
      keys: [input.Key],
      expressions: [projectionOf(input.ProjectionExpression)],
      placeholders: input,
      select: input.ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
      returnConsumedCapacity: input.ReturnConsumedCapacity,
    }),
  ],
  run(input) {
    refuseLegacy(input);
    const capacity = new Capacity(input.ReturnConsumedCapacity, 'read');
    const projection = prepareProjection(input);
    const table = parts.tables.require(input.TableName);
    const stored = parts.store.get(table, checkKey(table, input.Key));
    capacity.add(table, readUnits(stored?.size ?? 0, input.ConsistentRead === true));
    return { ...(stored && { Item: projection(stored.item) }), ...capacity.member() };
  },
});
