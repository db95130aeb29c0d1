import { typeOf, type AttributeValue, type Item } from './attribute-value.ts';
import { compareNumbers } from './decimal.ts';

/** The order of two values of one type S, N or B; undefined when they have no order. */
export function orderOf(left: AttributeValue, right: AttributeValue): number | undefined {
  if ('S' in left && 'S' in right) return compareText(left.S, right.S);
  if ('N' in left && 'N' in right) return compareNumbers(left.N, right.N);
  if ('B' in left && 'B' in right) return Buffer.compare(bytesOf(left.B), bytesOf(right.B));
  return undefined;
}

/** Deep equality as `=` has it: numbers by value, sets without order. */
export function equalValues(left: AttributeValue, right: AttributeValue): boolean {
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  if ('M' in left && 'M' in right) return equalItems(left.M, right.M);
  if ('L' in left && 'L' in right) return equalLists(left.L, right.L);
  if (!type.endsWith('S') || type === 'S') {
    // Scalars in canonical form.
    return Object.values(left)[0] === Object.values(right)[0];
  }
  const [a, b] = [setOf(left), setOf(right)];
  if (!a || !b || a.elements.length !== b.elements.length) return false;
  const others = new Set(b.elements);
  return a.elements.every((element) => others.has(element));
}

export function equalItems(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const [a, b] = [left[name], right[name]];
    return a !== undefined && b !== undefined && Object.hasOwn(right, name) && equalValues(a, b);
  });
}

/** The elements of a set with the type that each element has; undefined for what is no set. */
export function setOf(
  value: AttributeValue,
): { type: 'SS' | 'NS' | 'BS'; elementType: 'S' | 'N' | 'B'; elements: string[] } | undefined {
  if ('SS' in value) return { type: 'SS', elementType: 'S', elements: value.SS };
  if ('NS' in value) return { type: 'NS', elementType: 'N', elements: value.NS };
  if ('BS' in value) return { type: 'BS', elementType: 'B', elements: value.BS };
  return undefined;
}

/** The bytes of a value of type B. */
export const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

function equalLists(left: AttributeValue[], right: AttributeValue[]): boolean {
  return (
    left.length === right.length &&
    left.every((value, at) => equalValues(value, right[at] as AttributeValue))
  );
}

const ASCII = /^[\0-\x7f]*$/;

/** UTF-8 byte order, which differs from UTF-16 order beyond the basic plane. */
function compareText(left: string, right: string): number {
  if (ASCII.test(left) && ASCII.test(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
