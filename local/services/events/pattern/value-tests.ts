import { BlockList, isIP } from 'node:net';
import type { Scalar } from './event-fields.ts';
import { invalidPattern } from './invalid-pattern.ts';
import { wildcardTest } from './wildcard.ts';

/** Tells whether a leaf's value fits. */
export type ValueTest = (value: Scalar) => boolean;

/** Numbers outside are not matched, from the EventBridge user guide. */
const LARGEST_NUMBER = 5e9;

/** One element of a pattern's array: a plain value or a match expression, other than `exists`. */
export function valueTest(rule: unknown): ValueTest {
  if (isScalar(rule)) return (value) => value === rule;
  const [kind, operand] = onlyMember(rule);
  const make = TESTS[kind];
  if (!make) throw invalidPattern(`Unrecognized match type ${kind}`);
  return make(operand);
}

/** The one name and value of a match expression. @throws AwsError for any other object */
export function onlyMember(rule: unknown): [string, unknown] {
  const members = typeof rule === 'object' && rule !== null ? Object.entries(rule) : [];
  const [member] = members;
  if (Array.isArray(rule) || !member || members.length > 1) {
    throw invalidPattern('Only one key allowed in match expression');
  }
  return member;
}

const TESTS: Readonly<Record<string, (operand: unknown) => ValueTest>> = {
  prefix: (operand) => affixTest('prefix', operand),
  suffix: (operand) => affixTest('suffix', operand),
  'equals-ignore-case': (operand) => ignoreCaseTest(text('equals-ignore-case', operand)),
  wildcard: (operand) => onText(wildcardTest(text('wildcard', operand))),
  numeric: numericTest,
  cidr: cidrTest,
  'anything-but': anythingButTest,
};

function affixTest(kind: 'prefix' | 'suffix', operand: unknown): ValueTest {
  if (typeof operand === 'object' && operand !== null) {
    const [name, inner] = onlyMember(operand);
    if (name !== 'equals-ignore-case')
      throw invalidPattern(`${kind} match pattern must be a string`);
    const folded = fold(text(kind, inner));
    return onText((value) => hasAffix(kind, fold(value), folded));
  }
  const affix = text(kind, operand);
  return onText((value) => hasAffix(kind, value, affix));
}

function hasAffix(kind: 'prefix' | 'suffix', value: string, affix: string): boolean {
  return kind === 'prefix' ? value.startsWith(affix) : value.endsWith(affix);
}

function ignoreCaseTest(expected: string): ValueTest {
  const folded = fold(expected);
  return onText((value) => fold(value) === folded);
}

/** `anything-but` fits any value that is there and passes none of its tests. */
function anythingButTest(operand: unknown): ValueTest {
  const tests = forbiddenTests(operand);
  return (value) => !tests.some((test) => test(value));
}

function forbiddenTests(operand: unknown): ValueTest[] {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [kind, inner] = onlyMember(operand);
    if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(kind)) {
      throw invalidPattern(`Unsupported anything-but pattern: ${kind}`);
    }
    return listOf(inner).map((item) => {
      if (text(kind, item) === '') throw invalidPattern(`Null ${kind} not allowed`);
      return valueTest({ [kind]: item });
    });
  }
  const values = listOf(operand);
  const kinds = new Set(values.map((value) => typeof value));
  const [kind] = kinds;
  if (kinds.size > 1 || (kind !== 'string' && kind !== 'number')) {
    throw invalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  return values.map(valueTest);
}

/** `["=", 5]`, `[">", 1]` or a range from below to above, such as `[">", 0, "<=", 5]`. */
function numericTest(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw invalidPattern('Value of numeric must be an array.');
  const parts = operand as unknown[];
  const first = comparison(parts[0], parts[1]);
  if (parts.length === 2) return onNumber(first.test);
  const second = comparison(parts[2], parts[3]);
  const rises = first.operator.startsWith('>') && second.operator.startsWith('<');
  if (parts.length !== 4 || !rises) throw invalidPattern('Too many elements in numeric expression');
  if (first.bound >= second.bound) throw invalidPattern('Bottom must be less than top');
  return onNumber((value) => first.test(value) && second.test(value));
}

function comparison(operator: unknown, bound: unknown) {
  const make = typeof operator === 'string' ? COMPARISONS[operator] : undefined;
  if (!make)
    throw invalidPattern(`Unrecognized numeric range operator: ${JSON.stringify(operator)}`);
  if (typeof bound !== 'number') {
    throw invalidPattern(`Value of ${String(operator)} must be numeric`);
  }
  if (Math.abs(bound) > LARGEST_NUMBER) {
    throw invalidPattern(
      `Value must be between ${-LARGEST_NUMBER} and ${LARGEST_NUMBER}, inclusive`,
    );
  }
  return { operator: operator as string, bound, test: make(bound) };
}

const COMPARISONS: Readonly<Record<string, (bound: number) => (value: number) => boolean>> = {
  '=': (bound) => (value) => value === bound,
  '<': (bound) => (value) => value < bound,
  '<=': (bound) => (value) => value <= bound,
  '>': (bound) => (value) => value > bound,
  '>=': (bound) => (value) => value >= bound,
};

function cidrTest(operand: unknown): ValueTest {
  const [address = '', mask = ''] = text('cidr', operand).split('/');
  const family = isIP(address);
  const bits = Number(mask);
  const longest = family === 6 ? 128 : 32;
  if (family === 0 || !/^\d{1,3}$/.test(mask) || bits > longest) {
    throw invalidPattern("Malformed CIDR, one '/' required");
  }
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const subnet = new BlockList();
  subnet.addSubnet(address, bits, type);
  return onText((value) => isIP(value) === family && subnet.check(value, type));
}

const onText =
  (test: (value: string) => boolean): ValueTest =>
  (value) =>
    typeof value === 'string' && test(value);

const onNumber =
  (test: (value: number) => boolean): ValueTest =>
  (value) =>
    typeof value === 'number' && Math.abs(value) <= LARGEST_NUMBER && test(value);

function listOf(operand: unknown): unknown[] {
  const list: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw invalidPattern('Empty arrays are not allowed');
  return list;
}

function text(kind: string, operand: unknown): string {
  if (typeof operand !== 'string') throw invalidPattern(`${kind} match pattern must be a string`);
  return operand;
}

const isScalar = (rule: unknown): rule is Scalar =>
  rule === null || ['string', 'number', 'boolean'].includes(typeof rule);

const fold = (value: string): string => value.toLowerCase();
