import { checkCondition } from './expression/check-condition.ts';
import { meets } from './expression/evaluate-condition.ts';
import { conditionOf, projectionOf } from './expression/parse-cache.ts';
import type { Placeholders } from './expression/placeholders.ts';
import { type PlaceholderInput } from './expression/placeholders.ts';
import { readProjection } from './read-projection.ts';
import { Capacity, readUnits } from './table/capacity.ts';
import { indexedItem, projectedNames } from './table/index-projection.ts';
import type { RangeItem } from './table/item-ranges.ts';
import { keyOf } from './table/keys.ts';
import { keyAttributes, type IndexDefinition } from './table/table-definition.ts';
import { requireIndex, type Table } from './table/tables.ts';
import { constraintFailed, invalid, invalidValues, requireOneOf } from './validation.ts';
import { checkItem, typeOf, type Item } from './values/attribute-value.ts';
import { itemSize } from './values/item-size.ts';

/** Members that Query and Scan share. */
export interface ReadInput extends PlaceholderInput {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly ConsistentRead?: boolean;
  readonly ExclusiveStartKey?: unknown;
  readonly FilterExpression?: string;
  readonly Limit?: number;
  readonly ProjectionExpression?: string;
  readonly ReturnConsumedCapacity?: string;
  readonly Select?: string;
}

/** A page ends after the item with which it exceeds 1 MB. */
const PAGE_BYTES = 1024 * 1024;

const SELECTS = ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'];

/** A Query or Scan whose parameters have been checked. */
export interface PreparedRead {
  readonly table: Table;
  readonly index: IndexDefinition | undefined;
  readonly start: Item | undefined;
  /** Reads one page of what `items` gives in order. */
  page(items: Iterable<RangeItem>): object;
}

/** What a request selects when it does not say so. */
export function selectOf(input: ReadInput): string {
  if (input.Select !== undefined) return input.Select;
  if (input.ProjectionExpression !== undefined) return 'SPECIFIC_ATTRIBUTES';
  return input.IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}

/**
 * Checks everything but the key condition.
 *
 * @param forbidden attributes that the filter may not name
 * @throws AwsError ValidationException or ResourceNotFoundException
 */
export function prepareRead(
  input: ReadInput,
  table: Table,
  placeholders: Placeholders,
  forbidden: (index: IndexDefinition | undefined) => readonly string[],
): PreparedRead {
  const capacity = new Capacity(input.ReturnConsumedCapacity, 'read');
  requireOneOf(input.Select, 'select', SELECTS);
  if (input.Limit !== undefined && input.Limit < 1) {
    throw constraintFailed(
      input.Limit,
      'limit',
      'Member must have value greater than or equal to 1',
    );
  }
  const filter = placeholders.use(conditionOf('FilterExpression', input.FilterExpression));
  if (filter) checkCondition('FilterExpression', filter, placeholders);
  const projection = readProjection(input, placeholders);
  const index = input.IndexName === undefined ? undefined : requireIndex(table, input.IndexName);
  if (index && input.ConsistentRead) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  checkSelect(input, table, index, placeholders);
  refuseKeyAttributes(input, placeholders, forbidden(index));
  const start = readStartKey(input.ExclusiveStartKey, table, index);
  const consistent = input.ConsistentRead === true;

  const page = (items: Iterable<RangeItem>): object => {
    const found: Item[] = [];
    let [scanned, count, bytes] = [0, 0, 0];
    let last: Item | undefined;
    for (const { item: whole, size } of items) {
      const item = index ? indexedItem(table, index, whole) : whole;
      scanned += 1;
      bytes += item === whole ? size : itemSize(item);
      if (!filter || meets(filter, item, placeholders)) {
        count += 1;
        if (input.Select !== 'COUNT') found.push(projection(item));
      }
      if (scanned === input.Limit || bytes > PAGE_BYTES) {
        last = { ...keyOf(table, whole), ...(index && keyOf(index, whole)) };
        break;
      }
    }
    capacity.add(table, readUnits(bytes, consistent), index?.name);
    return {
      ...(input.Select !== 'COUNT' && { Items: found }),
      Count: count,
      ScannedCount: scanned,
      ...(last && { LastEvaluatedKey: last }),
      ...capacity.member(),
    };
  };
  return { table, index, start, page };
}

function checkSelect(
  input: ReadInput,
  table: Table,
  index: IndexDefinition | undefined,
  placeholders: Placeholders,
): void {
  const { Select: select, ProjectionExpression: projection } = input;
  if (projection !== undefined && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && projection === undefined) {
    throw invalid(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get ' +
        'SPECIFIC_ATTRIBUTES',
    );
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !index) {
    throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  const names = index && projectedNames(table, index);
  if (!index || !names) return;
  if (select === 'ALL_ATTRIBUTES') {
    throw invalidValues(
      'Select type ALL_ATTRIBUTES is not supported for global secondary index ' +
        `${index.name} because its projection type is not ALL`,
    );
  }
  const asked = placeholders.use(projectionOf(projection)) ?? [];
  const missing = asked.map((path) => placeholders.root(path)).filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw invalidValues(
      `Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
    );
  }
}

function refuseKeyAttributes(
  input: ReadInput,
  placeholders: Placeholders,
  forbidden: readonly string[],
): void {
  const parsed = conditionOf('FilterExpression', input.FilterExpression);
  for (const root of parsed?.roots ?? []) {
    const name = root.startsWith('#') ? placeholders.root([{ placeholder: root }]) : root;
    if (forbidden.includes(name)) {
      throw invalid(
        'Filter Expression can only contain non-primary key attributes: ' +
          `Primary key attribute: ${name}`,
      );
    }
  }
}

function readStartKey(
  key: unknown,
  table: Table,
  index: IndexDefinition | undefined,
): Item | undefined {
  if (key === undefined || key === null) return undefined;
  const start = checkItem(key);
  const schema = new Map(
    [...keyAttributes(table), ...(index ? keyAttributes(index) : [])].map((a) => [a.name, a.type]),
  );
  const fits =
    Object.keys(start).length === schema.size &&
    [...schema].every(([name, type]) => {
      const value = Object.hasOwn(start, name) ? start[name] : undefined;
      return value && typeOf(value) === type && Object.values(value)[0] !== '';
    });
  if (!fits) {
    throw invalid(
      'The provided starting key is invalid: The provided key element does not match the schema',
    );
  }
  return start;
}
