import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { typeOf } from '../values/attribute-value.ts';
import { bytesOf, equalValues, orderOf, setOf } from '../values/compare-values.ts';
import { valueSize } from '../values/item-size.ts';
import { valueAt } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import type { Comparator, Condition, Operand } from './syntax.ts';

/** Whether an item, empty when there is none, meets a condition that has been checked. */
export function meets(condition: Condition, item: Item, placeholders: Placeholders): boolean {
  const value = (operand: Operand) => operandValue(operand, item, placeholders);
  switch (condition.kind) {
    case 'and':
      return (
        meets(condition.left, item, placeholders) && meets(condition.right, item, placeholders)
      );
    case 'or':
      return (
        meets(condition.left, item, placeholders) || meets(condition.right, item, placeholders)
      );
    case 'not':
      return !meets(condition.of, item, placeholders);
    case 'compare':
      return compare(condition.operator, value(condition.left), value(condition.right));
    case 'between': {
      const of = value(condition.of);
      return compare('>=', of, value(condition.low)) && compare('<=', of, value(condition.high));
    }
    case 'in': {
      const of = value(condition.of);
      return condition.among.some((other) => compare('=', of, value(other)));
    }
    case 'predicate': {
      const [first, second] = condition.operands.map(value);
      return holds(condition.name, first, second);
    }
  }
}

function operandValue(
  operand: Operand,
  item: Item,
  placeholders: Placeholders,
): AttributeValue | undefined {
  if (operand.kind === 'value') return placeholders.value(operand.name);
  if (operand.kind === 'path') return valueAt(item, placeholders.path(operand.path));
  const of = operandValue(operand.of, item, placeholders);
  const size = of && countOf(of);
  return size === undefined ? undefined : { N: String(size) };
}

/** What `size` gives: bytes or characters or elements; numbers and booleans have none. */
function countOf(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length;
  if ('B' in value) return valueSize(value);
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return setOf(value)?.elements.length;
}

function compare(
  operator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  // An absent attribute is not equal to anything, and so different from everything.
  if (!left || !right) return operator === '<>' && left !== right;
  if (operator === '=') return equalValues(left, right);
  if (operator === '<>') return !equalValues(left, right);
  const order = orderOf(left, right);
  if (order === undefined) return false;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function holds(
  name: (Condition & { kind: 'predicate' })['name'],
  value: AttributeValue | undefined,
  operand: AttributeValue | undefined,
): boolean {
  switch (name) {
    case 'attribute_exists':
      return value !== undefined;
    case 'attribute_not_exists':
      return value === undefined;
    case 'attribute_type':
      return (
        value !== undefined &&
        operand !== undefined &&
        'S' in operand &&
        typeOf(value) === operand.S
      );
    case 'begins_with':
      return value !== undefined && operand !== undefined && beginsWith(value, operand);
    case 'contains':
      return value !== undefined && operand !== undefined && contains(value, operand);
  }
}

function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const bytes = bytesOf(prefix.B);
  return bytesOf(value.B).subarray(0, bytes.length).equals(bytes);
}

function contains(value: AttributeValue, operand: AttributeValue): boolean {
  if ('S' in value) return 'S' in operand && value.S.includes(operand.S);
  if ('B' in value) return 'B' in operand && bytesOf(value.B).includes(bytesOf(operand.B));
  if ('L' in value) return value.L.some((element) => equalValues(element, operand));
  const set = setOf(value);
  return (
    set?.elementType === typeOf(operand) &&
    set.elements.includes(Object.values(operand)[0] as string)
  );
}
