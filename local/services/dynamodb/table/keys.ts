import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { checkItem, typeOf } from '../values/attribute-value.ts';
import { encodeNumber } from '../values/decimal.ts';
import { invalid, invalidValues } from '../validation.ts';
import { keyAttributes, type KeyAttribute, type KeySchema } from './table-definition.ts';
import type { Table } from './tables.ts';

/** A key in bytes that sort as DynamoDB sorts; the sort key is empty when the schema has none. */
export interface EncodedKey {
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
}

const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;
const EMPTY = new Uint8Array();

/** The bytes of a key attribute's value: UTF-8, ordered decimal, or the binary itself. */
export function encodeKeyValue(value: AttributeValue): Uint8Array {
  if ('S' in value) return Buffer.from(value.S, 'utf8');
  if ('N' in value) return encodeNumber(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64');
  throw new Error(`a key of type ${typeOf(value)}`);
}

/** A `Key` parameter, checked against the schema. @throws AwsError ValidationException */
export function checkKey(table: Table, key: unknown): Item {
  const checked = checkItem(key);
  const schema = keyAttributes(table);
  const matches =
    Object.keys(checked).length === schema.length &&
    schema.every(({ name, type }) => {
      const value = checked[name];
      return value && Object.hasOwn(checked, name) && typeOf(value) === type;
    });
  if (!matches) throw invalid('The provided key element does not match the schema');
  encodeKey(table, checked);
  return checked;
}

/** The key of an item that is to be stored. @throws AwsError ValidationException */
export function requireKey(table: Table, item: Item): EncodedKey {
  for (const { name, type } of keyAttributes(table)) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (!value) throw invalidValues(`Missing the key ${name} in the item`);
    if (typeOf(value) !== type) {
      throw invalidValues(
        `Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
      );
    }
  }
  return encodeKey(table, item);
}

/** The key attributes alone. */
export function keyOf(schema: KeySchema, item: Item): Item {
  return Object.fromEntries(
    keyAttributes(schema).map(({ name }) => [name, item[name] as AttributeValue]),
  );
}

/** The bytes of a key whose types have been checked. @throws AwsError when empty or too long */
export function encodeKey(schema: KeySchema, item: Item): EncodedKey {
  const encode = (attribute: KeyAttribute, limit: number, role: string) => {
    const bytes = encodeKeyValue(item[attribute.name] as AttributeValue);
    if (bytes.length === 0) {
      throw invalid(
        'One or more parameter values are not valid. The AttributeValue for a key attribute ' +
          `cannot contain an empty ${attribute.type === 'B' ? 'binary' : 'string'} value. ` +
          `Key: ${attribute.name}`,
      );
    }
    if (bytes.length > limit) {
      throw invalidValues(`Size of ${role} has exceeded the maximum size limit of${limit} bytes`);
    }
    return bytes;
  };
  return {
    pk: encode(schema.partition, MAX_PARTITION_KEY_BYTES, 'hashkey'),
    sk: schema.sort ? encode(schema.sort, MAX_SORT_KEY_BYTES, 'rangekey') : EMPTY,
  };
}

/**
 * The key of an item in an index; undefined when it lacks an attribute of it and so is left out.
 *
 * @throws AwsError ValidationException for a value that the index cannot hold
 */
export function indexKey(index: KeySchema & { name: string }, item: Item): EncodedKey | undefined {
  for (const { name, type } of keyAttributes(index)) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (!value) return undefined;
    if (typeOf(value) !== type) {
      throw invalidValues(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} ` +
          `IndexName: ${index.name}`,
      );
    }
    if (Object.values(value)[0] === '') {
      throw invalid(
        'One or more parameter values are not valid. A value specified for a secondary index key ' +
          `is not supported. The AttributeValue for a key attribute cannot contain an empty ` +
          `${type === 'B' ? 'binary' : 'string'} value. IndexName: ${index.name}, IndexKey: ${name}`,
      );
    }
  }
  return encodeKey(index, item);
}
