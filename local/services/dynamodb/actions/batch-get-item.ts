import type { Action } from '#local/kernel/service.ts';
import { refuseLegacy, tableNeed } from '../access.ts';
import { projectionOf } from '../expression/parse-cache.ts';
import type { PlaceholderInput } from '../expression/placeholders.ts';
import type { Parts } from '../parts.ts';
import { prepareProjection } from '../read-projection.ts';
import { Capacity, readUnits } from '../table/capacity.ts';
import { checkKey } from '../table/keys.ts';
import { constraintFailed, invalid } from '../validation.ts';
import type { Item } from '../values/attribute-value.ts';

interface TableRequest extends PlaceholderInput {
  readonly Keys: readonly unknown[];
  readonly ConsistentRead?: boolean;
  readonly ProjectionExpression?: string;
}

interface Input {
  readonly RequestItems: Readonly<Record<string, TableRequest>>;
  readonly ReturnConsumedCapacity?: string;
}

const MAX_KEYS = 100;
/** What does not fit into 16 MB is answered as unprocessed. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

export const batchGetItem = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize: (input) =>
    Object.entries(input.RequestItems ?? {}).map(([name, request]) =>
      tableNeed(parts.tables, 'BatchGetItem', name, {
        keys: request.Keys,
        expressions: [projectionOf(request.ProjectionExpression)],
        placeholders: request,
        select:
          request.ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ),
  run(input) {
    const capacity = new Capacity(input.ReturnConsumedCapacity, 'read');
    checkCount(input);
    const responses: Record<string, Item[]> = {};
    const unprocessed: Record<string, object> = {};
    let bytes = 0;
    for (const [name, request] of Object.entries(input.RequestItems)) {
      refuseLegacy(request);
      const projection = prepareProjection(request);
      const table = parts.tables.require(name);
      const keys = request.Keys.map((key) => checkKey(table, key));
      refuseDuplicates(keys);
      const found: Item[] = [];
      const left: Item[] = [];
      for (const key of keys) {
        const stored = bytes > MAX_RESPONSE_BYTES ? undefined : parts.store.get(table, key);
        bytes += stored?.size ?? 0;
        if (bytes > MAX_RESPONSE_BYTES) {
          left.push(key);
          continue;
        }
        capacity.add(table, readUnits(stored?.size ?? 0, request.ConsistentRead === true));
        if (stored) found.push(projection(stored.item));
      }
      responses[name] = found;
      if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
    }
    return { Responses: responses, UnprocessedKeys: unprocessed, ...capacity.listMember() };
  },
});

function checkCount(input: Input): void {
  const requests = Object.values(input.RequestItems ?? {});
  if (requests.length === 0 || requests.some(({ Keys }) => !Keys || Keys.length === 0)) {
    throw constraintFailed(
      '{}',
      'requestItems',
      'Member must have length greater than or equal to 1',
    );
  }
  if (requests.reduce((sum, { Keys }) => sum + Keys.length, 0) > MAX_KEYS) {
    throw invalid('Too many items requested for the BatchGetItem call');
  }
}

/** @throws AwsError ValidationException when a key stands twice */
export function refuseDuplicates(keys: readonly Item[]): void {
  const texts = keys.map((key) => JSON.stringify(Object.entries(key).sort()));
  if (new Set(texts).size < texts.length) {
    throw invalid('Provided list of item keys contains duplicates');
  }
}
