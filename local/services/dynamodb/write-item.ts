import { AwsError } from '#local/kernel/aws-error.ts';
import { applyUpdate } from './expression/apply-update.ts';
import { checkCondition } from './expression/check-condition.ts';
import { checkUpdate } from './expression/check-update.ts';
import { meets } from './expression/evaluate-condition.ts';
import { conditionOf, updateOf } from './expression/parse-cache.ts';
import { Placeholders, type Path, type PlaceholderInput } from './expression/placeholders.ts';
import type { Condition } from './expression/syntax.ts';
import type { Parts } from './parts.ts';
import type { PlannedItem, StoredItem } from './table/item-store.ts';
import { checkKey, keyOf, requireKey } from './table/keys.ts';
import { keyAttributes } from './table/table-definition.ts';
import type { Table } from './table/tables.ts';
import { requireOneOf } from './validation.ts';
import { checkItem, type Item } from './values/attribute-value.ts';

/** Members that all requests for a conditional write share. */
export interface WriteInput extends PlaceholderInput {
  readonly TableName: string;
  readonly ConditionExpression?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

export interface PutInput extends WriteInput {
  readonly Item: unknown;
}

export interface KeyedInput extends WriteInput {
  readonly Key: unknown;
}

export interface UpdateInput extends KeyedInput {
  readonly UpdateExpression?: string;
}

/** A write that has been checked as far as that is possible before the item is read. */
export interface PreparedWrite {
  readonly table: Table;
  readonly key: Item;
  readonly condition?: Condition;
  readonly placeholders: Placeholders;
  readonly returnOldOnFailure: boolean;
  /** The paths that an update changes. */
  readonly paths: readonly Path[];
  readonly tooLarge: string;
  /** The item after the write; undefined deletes it. Absent for a mere check. */
  readonly change?: (before: Item | undefined) => Item | undefined;
}

/** What a write does to one item. */
export interface Outcome {
  readonly before: StoredItem | undefined;
  readonly after: PlannedItem | undefined;
}

const PUT_TOO_LARGE = 'Item size has exceeded the maximum allowed size';
const UPDATE_TOO_LARGE = 'Item size to update has exceeded the maximum allowed size';

export function preparePut(input: PutInput, parts: Parts): PreparedWrite {
  const item = checkItem(input.Item);
  const { placeholders, condition } = prepareCondition(input);
  placeholders.refuseUnused(condition !== undefined);
  const table = parts.tables.require(input.TableName);
  requireKey(table, item);
  return {
    ...common(input, table, keyOf(table, item), placeholders, condition),
    change: () => item,
  };
}

export function prepareDelete(input: KeyedInput, parts: Parts): PreparedWrite {
  return { ...prepareCheck(input, parts), change: () => undefined };
}

/** A check of a condition that changes nothing. */
export function prepareCheck(input: KeyedInput, parts: Parts): PreparedWrite {
  const { placeholders, condition } = prepareCondition(input);
  placeholders.refuseUnused(condition !== undefined);
  const table = parts.tables.require(input.TableName);
  return common(input, table, checkKey(table, input.Key), placeholders, condition);
}

export function prepareUpdate(input: UpdateInput, parts: Parts): PreparedWrite {
  const { placeholders, condition } = prepareCondition(input);
  const update = placeholders.use(updateOf(input.UpdateExpression));
  placeholders.refuseUnused(condition !== undefined || update !== undefined);
  const table = parts.tables.require(input.TableName);
  const keyNames = keyAttributes(table).map(({ name }) => name);
  const paths = update ? checkUpdate(update, keyNames, placeholders) : [];
  const key = checkKey(table, input.Key);
  return {
    ...common(input, table, key, placeholders, condition),
    paths,
    tooLarge: UPDATE_TOO_LARGE,
    change: (before) =>
      update ? applyUpdate(update, before ?? key, placeholders) : (before ?? key),
  };
}

/**
 * Reads the item, judges the condition and works out what is to be stored; stores nothing.
 *
 * @throws AwsError ConditionalCheckFailedException, or ValidationException from the item's content
 */
export function evaluateWrite(write: PreparedWrite, parts: Parts): Outcome {
  const before = parts.store.get(write.table, write.key);
  if (write.condition && !meets(write.condition, before?.item ?? {}, write.placeholders)) {
    throw new AwsError(
      'ConditionalCheckFailedException',
      'The conditional request failed',
      400,
      write.returnOldOnFailure && before ? { Item: before.item } : {},
    );
  }
  const item = write.change?.(before?.item);
  return { before, after: item && parts.store.plan(write.table, item, write.tooLarge) };
}

/** Stores what `evaluateWrite` worked out. */
export function storeOutcome(write: PreparedWrite, outcome: Outcome, parts: Parts): void {
  if (!write.change) return;
  if (outcome.after) parts.store.put(write.table, outcome.before, outcome.after);
  else if (outcome.before) parts.store.delete(write.table, outcome.before);
}

function prepareCondition(input: WriteInput): {
  placeholders: Placeholders;
  condition: Condition | undefined;
} {
  const placeholders = new Placeholders(input);
  const condition = placeholders.use(conditionOf('ConditionExpression', input.ConditionExpression));
  if (condition) checkCondition('ConditionExpression', condition, placeholders);
  requireOneOf(input.ReturnValuesOnConditionCheckFailure, 'returnValuesOnConditionCheckFailure', [
    'ALL_OLD',
    'NONE',
  ]);
  return { placeholders, condition };
}

function common(
  input: WriteInput,
  table: Table,
  key: Item,
  placeholders: Placeholders,
  condition: Condition | undefined,
): PreparedWrite {
  return {
    table,
    key,
    condition,
    placeholders,
    returnOldOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    paths: [],
    tooLarge: PUT_TOO_LARGE,
  };
}
