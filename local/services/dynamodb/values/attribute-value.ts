import { AwsError } from '#local/kernel/aws-error.ts';
import { canonicalNumber } from './decimal.ts';
import { invalid, invalidValues } from '../validation.ts';

/** A DynamoDB value as on the wire; `B` and `BS` hold base64. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { M: Item }
  | { L: AttributeValue[] }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] };

export type Item = Record<string, AttributeValue>;

export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS' | 'BS';

export const VALUE_TYPES: readonly ValueType[] = [
  'B',
  'NULL',
  'SS',
  'BOOL',
  'L',
  'BS',
  'N',
  'NS',
  'S',
  'M',
];

/** Documents nest at most 32 levels deep. */
const MAX_DEPTH = 32;

/** The type of a value that has been checked. */
export function typeOf(value: AttributeValue): ValueType {
  for (const type in value) return type as ValueType;
  throw new Error('an attribute value without a type');
}

/**
 * A value in canonical form: numbers normalised, sets known to hold no duplicates.
 *
 * @throws AwsError ValidationException in DynamoDB's words
 */
export function checkValue(value: unknown, depth = 1): AttributeValue {
  if (typeof value !== 'object' || value === null) {
    throw new SerializationFailure();
  }
  const types = Object.keys(value).filter((key) => VALUE_TYPES.includes(key as ValueType));
  if (types.length === 0) {
    throw invalid(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  }
  if (types.length > 1) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (depth > MAX_DEPTH) {
    throw invalid('Nesting Levels have exceeded supported limits');
  }
  const type = types[0] as ValueType;
  return checkTyped(type, (value as Record<ValueType, unknown>)[type], depth);
}

/** A map of attributes, each in canonical form. */
export function checkItem(item: unknown, depth = 0): Item {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new SerializationFailure();
  }
  const checked: Item = {};
  for (const [name, value] of Object.entries(item)) {
    // A plain assignment to __proto__ would set the prototype instead of an attribute.
    if (name === '__proto__') {
      Object.defineProperty(checked, name, {
        value: checkValue(value, depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else checked[name] = checkValue(value, depth + 1);
  }
  return checked;
}

function checkTyped(type: ValueType, content: unknown, depth: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: requireString(content) };
    case 'N':
      return { N: canonicalNumber(requireString(content)) };
    case 'B':
      return { B: canonicalBinary(content) };
    case 'BOOL':
      if (typeof content !== 'boolean') throw new SerializationFailure();
      return { BOOL: content };
    case 'NULL':
      if (content !== true) {
        throw invalidValues('Null attribute value types must have the value of true');
      }
      return { NULL: true };
    case 'M':
      return { M: checkItem(content, depth) };
    case 'L':
      return { L: requireArray(content).map((element) => checkValue(element, depth + 1)) };
    case 'SS':
      return { SS: checkSet(requireArray(content).map(requireString), 'string') };
    case 'NS':
      return {
        NS: checkSet(
          requireArray(content).map((n) => canonicalNumber(requireString(n))),
          'number',
        ),
      };
    case 'BS':
      return { BS: checkSet(requireArray(content).map(canonicalBinary), 'binary') };
  }
}

function checkSet(elements: string[], kind: string): string[] {
  if (elements.length === 0) throw invalidValues(`An ${kind} set  may not be empty`);
  if (new Set(elements).size < elements.length) {
    throw invalidValues(`Input collection [${elements.join(', ')}] contains duplicates.`);
  }
  return elements;
}

function requireString(content: unknown): string {
  if (typeof content !== 'string') throw new SerializationFailure();
  return content;
}

function requireArray(content: unknown): unknown[] {
  if (!Array.isArray(content)) throw new SerializationFailure();
  return content;
}

function canonicalBinary(content: unknown): string {
  return Buffer.from(requireString(content), 'base64').toString('base64');
}

class SerializationFailure extends AwsError {
  constructor() {
    super('SerializationException', 'Unexpected value type in payload');
  }
}
