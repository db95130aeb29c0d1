import type { IamRequest } from '#local/kernel/service.ts';
import { notServed } from '#local/kernel/aws-error.ts';
import type { PlaceholderInput } from './expression/placeholders.ts';
import type { Parsed } from './expression/syntax.ts';
import type { Tables } from './table/tables.ts';

/** What one element of a request touches in one table. */
export interface Touched {
  /** `Key` or `Item` members, from which the leading keys are read. */
  readonly keys?: readonly unknown[];
  readonly expressions?: readonly (Parsed<unknown> | undefined)[];
  readonly placeholders?: PlaceholderInput;
  /** The name of the transaction around this element. */
  readonly enclosing?: string;
  readonly select?: string;
  readonly returnValues?: string;
  readonly returnConsumedCapacity?: string;
}

/** The permission for an action on a table with the condition keys that AWS documents. */
export function tableNeed(
  tables: Tables,
  action: string,
  tableName: unknown,
  touched: Touched = {},
): IamRequest {
  const keys = touched.keys ?? [];
  const partition = tables.find(tableName)?.partition.name;
  const leading = partition === undefined ? [] : keys.flatMap((key) => keyText(key, partition));
  const attributes = new Set(keys.flatMap((key) => Object.keys((key as object | null) ?? {})));
  for (const root of rootsOf(touched)) attributes.add(root);
  return {
    action: `dynamodb:${action}`,
    resource: tables.arnOf(tableName),
    conditions: conditions(touched, leading, [...attributes]),
  };
}

/** The condition keys of one request on a table or an index. */
export function conditions(
  touched: Touched,
  leadingKeys: readonly string[],
  attributes: readonly string[],
): Record<string, string | readonly string[]> {
  const { enclosing, select, returnValues, returnConsumedCapacity } = touched;
  return {
    ...(leadingKeys.length > 0 && { 'dynamodb:LeadingKeys': [...new Set(leadingKeys)] }),
    ...(attributes.length > 0 && { 'dynamodb:Attributes': attributes }),
    ...(enclosing && { 'dynamodb:EnclosingOperation': enclosing }),
    ...(select && { 'dynamodb:Select': select }),
    ...(returnValues && { 'dynamodb:ReturnValues': returnValues }),
    ...(returnConsumedCapacity && { 'dynamodb:ReturnConsumedCapacity': returnConsumedCapacity }),
  };
}

/** The top-level attributes that expressions name. */
export function rootsOf(touched: Touched): string[] {
  const names = touched.placeholders?.ExpressionAttributeNames ?? {};
  return (touched.expressions ?? []).flatMap((parsed) =>
    [...(parsed?.roots ?? [])].map((root) => (root.startsWith('#') ? (names[root] ?? root) : root)),
  );
}

/** The parameters of before expressions, which AWS still takes and the local cloud does not. */
const LEGACY = [
  ...['Expected', 'AttributeUpdates', 'AttributesToGet', 'ConditionalOperator'],
  ...['KeyConditions', 'QueryFilter', 'ScanFilter'],
];

export function refuseLegacy(input: object): void {
  const legacy = LEGACY.find((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (legacy) throw notServed(`the legacy parameter ${legacy} of DynamoDB`);
}

/** The text of a key attribute as `dynamodb:LeadingKeys` has it. */
function keyText(key: unknown, attribute: string): string[] {
  const value = (key as Record<string, object> | null | undefined)?.[attribute];
  const text: unknown = value && Object.values(value)[0];
  return typeof text === 'string' ? [text] : [];
}
