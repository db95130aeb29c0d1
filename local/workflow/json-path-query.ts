import { isObject, type Json } from './json.ts';
import type { FilterOperand, FilterTest, JsonPath, PathFunction, PathStep } from './json-path.ts';

/** What paths read from: `$`, `$$` and the variables in scope. */
export interface PathSources {
  readonly data: Json;
  readonly context: Json;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The value that a path leads to; undefined when a definite path leads nowhere. */
export function queryPath(path: JsonPath, sources: PathSources): Json | undefined {
  const start = startOf(path, sources);
  if (start === undefined) return undefined;
  const found = walk([start], path.steps, start);
  return path.definite ? found[0] : found;
}

function startOf(path: JsonPath, sources: PathSources): Json | undefined {
  const { root } = path;
  if (root.kind === 'data') return sources.data;
  if (root.kind === 'context') return sources.context;
  const value = sources.variables[root.name];
  return typeof value === 'function' ? undefined : (value as Json | undefined);
}

function walk(from: readonly Json[], steps: readonly PathStep[], root: Json): Json[] {
  let values = [...from];
  for (const step of steps) values = values.flatMap((value) => take(value, step, root));
  return values;
}

function take(value: Json, step: PathStep, root: Json): Json[] {
  switch (step.kind) {
    case 'member':
      return members(value, step.names);
    case 'index':
      return Array.isArray(value) ? present(step.indexes.map((index) => value.at(index))) : [];
    case 'slice':
      return Array.isArray(value) ? slice(value, step) : [];
    case 'wildcard':
      return children(value);
    case 'descend':
      return descendants(value).flatMap((inner) => take(inner, step.step, root));
    case 'filter':
      return (isObject(value) ? [value] : children(value)).filter((item) =>
        passes(step.test, item, root),
      );
    case 'function':
      return present([apply(step.name, value)]);
  }
}

function members(value: Json, names: readonly string[]): Json[] {
  // Jayway reads a member of each item of an array only after a wildcard; a plain array has no members.
  if (!isObject(value)) return [];
  return present(names.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined)));
}

function slice(
  items: Json[],
  { from, to, step }: { from?: number; to?: number; step: number },
): Json[] {
  const part = items.slice(from ?? 0, to ?? items.length);
  return step > 1 ? part.filter((_, index) => index % step === 0) : part;
}

function children(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendants(value: Json): Json[] {
  return [value, ...children(value).flatMap(descendants)];
}

function present(values: readonly (Json | undefined)[]): Json[] {
  return values.filter((value) => value !== undefined);
}

function apply(name: PathFunction, value: Json): Json | undefined {
  if (name === 'keys') return isObject(value) ? Object.keys(value) : undefined;
  if (name === 'length' || name === 'size') {
    return typeof value === 'string'
      ? value.length
      : Array.isArray(value) || isObject(value)
        ? children(value).length
        : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter((item) => typeof item === 'number');
  if (numbers.length === 0) return undefined;
  const sum = numbers.reduce((total, item) => total + item, 0);
  switch (name) {
    case 'min':
      return Math.min(...numbers);
    case 'max':
      return Math.max(...numbers);
    case 'sum':
      return sum;
    case 'avg':
      return sum / numbers.length;
  }
}

function passes(test: FilterTest, item: Json, root: Json): boolean {
  switch (test.kind) {
    case 'or':
      return test.tests.some((inner) => passes(inner, item, root));
    case 'and':
      return test.tests.every((inner) => passes(inner, item, root));
    case 'not':
      return !passes(test.test, item, root);
    case 'present':
      return operand(test.path, item, root) !== undefined;
    case 'compare':
      return compare(
        test.operator,
        operand(test.left, item, root),
        operand(test.right, item, root),
      );
  }
}

function operand(from: FilterOperand, item: Json, root: Json): Json | undefined {
  if (from.kind === 'value') return from.value as Json;
  return walk([from.from === '@' ? item : root], from.steps, root)[0];
}

function compare(operator: string, left: Json | undefined, right: Json | undefined): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return Array.isArray(right) && right.some((item) => equal(left, item));
    case 'nin':
      return !(Array.isArray(right) && right.some((item) => equal(left, item)));
    case 'contains':
      if (typeof left === 'string') return typeof right === 'string' && left.includes(right);
      return Array.isArray(left) && left.some((item) => equal(item, right));
    case '=~':
      return typeof left === 'string' && typeof right === 'string' && matches(left, right);
    default:
      return ordered(operator, left, right);
  }
}

function ordered(operator: string, left: Json | undefined, right: Json | undefined): boolean {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return false;
  const [a, b] = [left as string, right as string];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function matches(text: string, pattern: string): boolean {
  const parts = /^\/(.*)\/([a-z]*)$/s.exec(pattern);
  return parts !== null && new RegExp(parts[1] as string, parts[2]).test(text);
}

function equal(left: Json | undefined, right: Json | undefined): boolean {
  return (
    left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right))
  );
}
