import { eventFields, type EventField } from './event-fields.ts';
import { invalidPattern } from './invalid-pattern.ts';
import { onlyMember, valueTest, type ValueTest } from './value-tests.ts';

/** Tells whether an event fits a pattern. */
export type EventPattern = (event: unknown) => boolean;

/** What a leaf of the pattern asks of the values at one path. */
interface Leaf {
  readonly kind: 'leaf';
  readonly path: string;
  readonly tests: readonly ValueTest[];
  /** True when the path may also be missing: `{ "exists": false }`. */
  readonly absent: boolean;
}

/** Alternatives of which one must hold whole. */
interface Choice {
  readonly kind: 'choice';
  readonly options: readonly (readonly Condition[])[];
}

type Condition = Leaf | Choice;
type Fields = ReadonlyMap<string, readonly EventField[]>;
type Within = ReadonlyMap<string, number>;

/**
 * Reads an event pattern.
 *
 * @param pattern the JSON text
 * @throws AwsError InvalidEventPatternException as EventBridge does
 */
export function compileEventPattern(pattern: string): EventPattern {
  const conditions = conditionsOf(parse(pattern), '');
  return (event) => holds(conditions, 0, eventFields(event), new Map());
}

function parse(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch {
    throw invalidPattern('Filter is not a valid JSON object');
  }
}

function conditionsOf(node: unknown, path: string): Condition[] {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) {
    throw invalidPattern('Filter is not an object');
  }
  const members = Object.entries(node);
  if (members.length === 0) throw invalidPattern('Empty objects are not allowed');
  return members.flatMap(([name, value]: [string, unknown]) => {
    if (name === '$or' && isChoice(value)) return [choiceOf(value, path)];
    const inner = path === '' ? name : `${path}.${name}`;
    if (Array.isArray(value)) return [leafOf(value, inner)];
    if (typeof value === 'object' && value !== null) return conditionsOf(value, inner);
    throw invalidPattern(`"${name}" must be an object or an array`);
  });
}

/** `$or` is an operator when it holds two or more objects; else it is a field of that name. */
const isChoice = (value: unknown): value is unknown[] =>
  Array.isArray(value) &&
  value.length >= 2 &&
  value.every((option) => typeof option === 'object' && option !== null && !Array.isArray(option));

const choiceOf = (options: unknown[], path: string): Choice => ({
  kind: 'choice',
  options: options.map((option) => conditionsOf(option, path)),
});

function leafOf(rules: unknown[], path: string): Leaf {
  if (rules.length === 0) throw invalidPattern('Empty arrays are not allowed');
  const tests: ValueTest[] = [];
  let absent = false;
  for (const rule of rules) {
    const exists = existsRule(rule);
    if (exists === undefined) tests.push(valueTest(rule));
    else if (exists) tests.push(() => true);
    else absent = true;
  }
  return { kind: 'leaf', path, tests, absent };
}

function existsRule(rule: unknown): boolean | undefined {
  if (typeof rule !== 'object' || rule === null) return undefined;
  const [kind, operand] = onlyMember(rule);
  if (kind !== 'exists') return undefined;
  if (typeof operand !== 'boolean') {
    throw invalidPattern('exists match pattern must be either true or false.');
  }
  return operand;
}

/** Tries to satisfy the conditions from `at` on, with values from the same array elements. */
function holds(
  conditions: readonly Condition[],
  at: number,
  fields: Fields,
  within: Within,
): boolean {
  const condition = conditions[at];
  if (!condition) return true;
  if (condition.kind === 'choice') {
    const rest = conditions.slice(at + 1);
    return condition.options.some((option) => holds([...option, ...rest], 0, fields, within));
  }
  const candidates = fields.get(condition.path);
  if (!candidates) return condition.absent && holds(conditions, at + 1, fields, within);
  return candidates.some(
    (field) =>
      agrees(field.within, within) &&
      condition.tests.some((test) => test(field.value)) &&
      holds(conditions, at + 1, fields, new Map([...within, ...field.within])),
  );
}

function agrees(field: Within, chosen: Within): boolean {
  for (const [path, index] of field) {
    if ((chosen.get(path) ?? index) !== index) return false;
  }
  return true;
}
