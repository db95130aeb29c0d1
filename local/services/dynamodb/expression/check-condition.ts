import { typeOf, VALUE_TYPES, type AttributeValue } from '../values/attribute-value.ts';
import { orderOf } from '../values/compare-values.ts';
import { invalid } from '../validation.ts';
import { pathText } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import type { Condition, Operand } from './syntax.ts';

/** What `<`, `BETWEEN` and the like take. */
const ORDERED = ['S', 'N', 'B'];

/** Operands' types as DynamoDB names them in messages. */
const TYPE_TEXT: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  M: 'MAP',
  L: 'LIST',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
};

/** How DynamoDB names a value's type in the messages of update operators. */
export const longTypeName = (value: AttributeValue): string => TYPE_TEXT[typeOf(value)] ?? '';

/**
 * Checks what can be told of a condition before any item is read.
 *
 * @throws AwsError ValidationException for operands that no item could make right
 */
export function checkCondition(
  label: string,
  condition: Condition,
  placeholders: Placeholders,
): void {
  const literal = (operand: Operand) =>
    operand.kind === 'value' ? placeholders.value(operand.name) : undefined;
  const fail = (message: string) => invalid(`Invalid ${label}: ${message}`);
  const requireType = (operator: string, operand: Operand, types: readonly string[]) => {
    const value = literal(operand);
    if (value && !types.includes(typeOf(value))) {
      throw fail(
        'Incorrect operand type for operator or function; ' +
          `operator or function: ${operator}, operand type: ${typeOf(value)}`,
      );
    }
  };
  const requireDistinct = (operator: string, left: Operand, right: Operand) => {
    if (left.kind !== 'path' || right.kind !== 'path') return;
    const [a, b] = [placeholders.path(left.path), placeholders.path(right.path)];
    if (pathText(a) === pathText(b)) {
      throw fail(
        'The first operand must be distinct from the remaining operands for this operator or ' +
          `function; operator: ${operator}, first operand: ${pathText(a)}`,
      );
    }
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      checkCondition(label, condition.left, placeholders);
      checkCondition(label, condition.right, placeholders);
      return;
    case 'not':
      checkCondition(label, condition.of, placeholders);
      return;
    case 'compare':
      requireDistinct(condition.operator, condition.left, condition.right);
      if (condition.operator !== '=' && condition.operator !== '<>') {
        requireType(condition.operator, condition.left, ORDERED);
        requireType(condition.operator, condition.right, ORDERED);
      }
      return;
    case 'between':
      for (const operand of [condition.of, condition.low, condition.high]) {
        requireType('BETWEEN', operand, ORDERED);
      }
      checkBounds(fail, literal(condition.low), literal(condition.high));
      return;
    case 'in':
      return;
    case 'predicate':
      checkPredicate(condition, { literal, fail, requireType, requireDistinct });
  }
}

interface Checks {
  literal(operand: Operand): AttributeValue | undefined;
  fail(message: string): Error;
  requireType(operator: string, operand: Operand, types: readonly string[]): void;
  requireDistinct(operator: string, left: Operand, right: Operand): void;
}

function checkPredicate(condition: Condition & { kind: 'predicate' }, checks: Checks): void {
  const { name } = condition;
  const [first, second] = condition.operands as [Operand, Operand?];
  if (first.kind !== 'path' && name !== 'begins_with' && name !== 'contains') {
    throw checks.fail(
      `Operator or function requires a document path; operator or function: ${name}`,
    );
  }
  if (!second) return;
  checks.requireDistinct(name, first, second);
  if (name === 'begins_with') {
    checks.requireType(name, first, ['S', 'B']);
    checks.requireType(name, second, ['S', 'B']);
  } else if (name === 'attribute_type') {
    checks.requireType(name, second, ['S']);
    const type = checks.literal(second);
    if (type && 'S' in type && !VALUE_TYPES.some((known) => known === type.S)) {
      throw checks.fail(
        `Invalid attribute type name found; type: ${type.S}, ` +
          `valid types: {${VALUE_TYPES.join(',')}}`,
      );
    }
  }
}

function checkBounds(
  fail: (message: string) => Error,
  low: AttributeValue | undefined,
  high: AttributeValue | undefined,
): void {
  if (!low || !high) return;
  const bounds =
    `lower bound operand: AttributeValue: ${valueText(low)}, ` +
    `upper bound operand: AttributeValue: ${valueText(high)}`;
  const order = orderOf(low, high);
  if (order === undefined) {
    throw fail(
      `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`,
    );
  }
  if (order > 0) {
    throw fail(
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ' +
        bounds,
    );
  }
}

const valueText = (value: AttributeValue): string =>
  `{${typeOf(value)}:${String(Object.values(value)[0])}}`;
