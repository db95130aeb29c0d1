import { isObject, type Json } from './json.ts';
import type { ChoiceRule } from './definition.ts';
import { parsePath } from './json-path.ts';
import { queryPath, type PathSources } from './json-path-query.ts';
import { runtimeFailure } from './state-failure.ts';

type Compare = (value: Json, other: Json) => boolean;

const strings =
  (test: (a: string, b: string) => boolean): Compare =>
  (value, other) =>
    typeof value === 'string' && typeof other === 'string' && test(value, other);
const numbers =
  (test: (a: number, b: number) => boolean): Compare =>
  (value, other) =>
    typeof value === 'number' && typeof other === 'number' && test(value, other);
const times =
  (test: (a: bigint, b: bigint) => boolean): Compare =>
  (value, other) => {
    const [a, b] = [timestampOf(value), timestampOf(other)];
    return a !== undefined && b !== undefined && test(a, b);
  };

/** Every operator that compares with a literal, or through its `…Path` form with a path's value. */
const COMPARISONS: Readonly<Record<string, Compare>> = {
  StringEquals: strings((a, b) => a === b),
  StringLessThan: strings((a, b) => a < b),
  StringGreaterThan: strings((a, b) => a > b),
  StringLessThanEquals: strings((a, b) => a <= b),
  StringGreaterThanEquals: strings((a, b) => a >= b),
  StringMatches: strings((a, b) => wildcard(b).test(a)),
  NumericEquals: numbers((a, b) => a === b),
  NumericLessThan: numbers((a, b) => a < b),
  NumericGreaterThan: numbers((a, b) => a > b),
  NumericLessThanEquals: numbers((a, b) => a <= b),
  NumericGreaterThanEquals: numbers((a, b) => a >= b),
  BooleanEquals: (value, other) => typeof value === 'boolean' && value === other,
  TimestampEquals: times((a, b) => a === b),
  TimestampLessThan: times((a, b) => a < b),
  TimestampGreaterThan: times((a, b) => a > b),
  TimestampLessThanEquals: times((a, b) => a <= b),
  TimestampGreaterThanEquals: times((a, b) => a >= b),
};

/** The operators that ask what a value is. */
const TYPE_TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestampOf(value) !== undefined,
};

/**
 * Whether a JSONPath choice rule holds.
 *
 * @throws StateFailure `States.Runtime` when a path that it compares leads nowhere
 */
export function holds(rule: ChoiceRule, sources: PathSources): boolean {
  if (rule.And) return rule.And.every((inner) => holds(inner, sources));
  if (rule.Or) return rule.Or.some((inner) => holds(inner, sources));
  if (rule.Not) return !holds(rule.Not, sources);
  const variable = rule.Variable ?? '$';
  const value = queryPath(parsePath(variable), sources);
  if ('IsPresent' in rule) return (value !== undefined) === rule['IsPresent'];
  const entry = Object.entries(rule).find(([name]) => isOperator(name));
  if (!entry) throw runtimeFailure('The choice rule has no operator.');
  if (value === undefined) throw invalidPath(variable, sources.data);
  return applies(entry[0], entry[1] as Json, value, sources);
}

/** True for the name of a comparison, of its `…Path` form, or of a type test. */
export function isOperator(name: string): boolean {
  return (
    name in COMPARISONS ||
    name in TYPE_TESTS ||
    name === 'IsPresent' ||
    (name !== 'StringMatchesPath' && name.endsWith('Path') && name.slice(0, -4) in COMPARISONS)
  );
}

/** A timestamp in nanoseconds since the epoch; undefined when the value is not an RFC 3339 timestamp. */
export function timestampOf(value: Json): bigint | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(value);
  const seconds = parts ? Date.parse(`${parts[1]}${parts[3]}`) : NaN;
  if (!parts || Number.isNaN(seconds)) return undefined;
  const nanoseconds = BigInt((parts[2] ?? '').padEnd(9, '0').slice(0, 9));
  return BigInt(seconds) * 1_000_000n + nanoseconds;
}

function applies(operator: string, operand: Json, value: Json, sources: PathSources): boolean {
  const test = TYPE_TESTS[operator];
  if (test) return test(value) === operand;
  const literal = COMPARISONS[operator];
  if (literal) return literal(value, operand);
  const path = typeof operand === 'string' ? operand : '';
  const other = queryPath(parsePath(path), sources);
  if (other === undefined) throw invalidPath(path, sources.data);
  return (COMPARISONS[operator.slice(0, -4)] as Compare)(value, other);
}

function invalidPath(path: string, data: Json) {
  return runtimeFailure(
    `Invalid path '${path}': The choice state's condition path references an invalid value.${isObject(data) ? '' : ' The input is not an object.'}`,
  );
}

/** The pattern of StringMatches: `*` is anything; `\*` and `\\` stand for themselves. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(
    /\\([\\*])|\*|[^*\\]+|\\/g,
    (part: string, escaped: string | undefined) => {
      if (escaped !== undefined) return `\\${escaped}`;
      return part === '*' ? '[^]*' : part.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
    },
  );
  return new RegExp(`^${source}$`);
}
