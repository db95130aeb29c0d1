import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { setOf } from '../values/compare-values.ts';
import { addNumbers } from '../values/decimal.ts';
import { invalid } from '../validation.ts';
import { childOf, valueAt } from './document-path.ts';
import type { Path, Placeholders } from './placeholders.ts';
import type { SetValue, UpdateSyntax } from './syntax.ts';

/**
 * The item after an update that has been checked; `before` stays as it is.
 *
 * @throws AwsError ValidationException when the item's content does not allow the update
 */
export function applyUpdate(update: UpdateSyntax, before: Item, placeholders: Placeholders): Item {
  const path = (syntax: UpdateSyntax['removes'][number]) => placeholders.path(syntax);
  // Every right side reads the item as it was.
  const sets = update.sets.map(({ path: to, value }) => ({
    path: path(to),
    value: evaluate(value, before, placeholders),
  }));
  const adds = update.adds.map(({ path: to, value }) => ({
    path: path(to),
    value: added(valueAt(before, path(to)), placeholders.value(value)),
  }));
  const deletes = update.deletes.map(({ path: from, value }) => ({
    path: path(from),
    value: without(valueAt(before, path(from)), placeholders.value(value)),
  }));
  const removes = update.removes.map(path);
  const changed = [...sets, ...adds, ...deletes].map(({ path: at }) => at).concat(removes);
  const after = copyForChange(before, changed);
  for (const { path: from, value } of deletes) {
    if (value === 'empty') removes.push(from);
    else if (value) put(after, from, value);
  }
  // Ascending indexes, so that elements put beyond a list's end are appended in order.
  for (const { path: to, value } of [...sets, ...adds].sort(byLastIndex)) put(after, to, value);
  // Descending, so that removing one element does not move the next.
  for (const from of removes.sort((a, b) => lastIndex(b) - lastIndex(a))) remove(after, from);
  return after;
}

/** A copy that shares with the original only the attributes that no path touches. */
function copyForChange(before: Item, paths: readonly Path[]): Item {
  const after = { ...before };
  for (const [root] of paths.filter((path) => path.length > 1)) {
    const value = valueAt(before, [root as string]);
    if (value && after[root as string] === value) after[root as string] = structuredClone(value);
  }
  return after;
}

const lastIndex = (path: Path): number => {
  const last = path.at(-1);
  return typeof last === 'number' ? last : -1;
};

const byLastIndex = (a: { path: Path }, b: { path: Path }): number =>
  lastIndex(a.path) - lastIndex(b.path);

const wrongType = (): Error =>
  invalid('An operand in the update expression has an incorrect data type');

const badPath = (): Error =>
  invalid('The document path provided in the update expression is invalid for update');

function evaluate(value: SetValue, item: Item, placeholders: Placeholders): AttributeValue {
  switch (value.kind) {
    case 'value':
      return placeholders.value(value.name);
    case 'path': {
      const found = valueAt(item, placeholders.path(value.path));
      if (!found) {
        throw invalid(
          'The provided expression refers to an attribute that does not exist in the item',
        );
      }
      return found;
    }
    case 'if_not_exists':
      return (
        valueAt(item, placeholders.path(value.path)) ??
        evaluate(value.otherwise, item, placeholders)
      );
    case 'list_append': {
      const left = evaluate(value.left, item, placeholders);
      const right = evaluate(value.right, item, placeholders);
      if (!('L' in left && 'L' in right)) throw wrongType();
      return { L: [...left.L, ...right.L] };
    }
    case '+':
    case '-': {
      const left = evaluate(value.left, item, placeholders);
      const right = evaluate(value.right, item, placeholders);
      if (!('N' in left && 'N' in right)) throw wrongType();
      return { N: addNumbers(left.N, right.N, value.kind === '+' ? 1 : -1) };
    }
  }
}

function added(present: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (!present) return value;
  if ('N' in value && 'N' in present) return { N: addNumbers(present.N, value.N) };
  const [old, more] = [setOf(present), setOf(value)];
  if (!old || !more || old.type !== more.type) throw wrongType();
  return asSet(old.type, [...new Set([...old.elements, ...more.elements])]);
}

function without(
  present: AttributeValue | undefined,
  value: AttributeValue,
): AttributeValue | 'empty' | undefined {
  if (!present) return undefined;
  const [old, gone] = [setOf(present), setOf(value)];
  if (!old || !gone || old.type !== gone.type) throw wrongType();
  const rest = old.elements.filter((element) => !gone.elements.includes(element));
  return rest.length > 0 ? asSet(old.type, rest) : 'empty';
}

function asSet(type: 'SS' | 'NS' | 'BS', elements: string[]): AttributeValue {
  if (type === 'SS') return { SS: elements };
  return type === 'NS' ? { NS: elements } : { BS: elements };
}

/** The map or list in which the last step of a path is taken. */
function parentOf(item: Item, path: Path): AttributeValue {
  let here: AttributeValue | undefined = { M: item };
  for (const step of path.slice(0, -1)) here = here && childOf(here, step);
  if (!here) throw badPath();
  return here;
}

function put(item: Item, path: Path, value: AttributeValue): void {
  const parent = parentOf(item, path);
  const step = path.at(-1);
  if (typeof step === 'number' && 'L' in parent) {
    parent.L.splice(Math.min(step, parent.L.length), 1, value);
  } else if (typeof step === 'string' && 'M' in parent) {
    Object.defineProperty(parent.M, step, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else throw badPath();
}

function remove(item: Item, path: Path): void {
  const parent = parentOf(item, path);
  const step = path.at(-1);
  if (typeof step === 'number' && 'L' in parent) parent.L.splice(step, 1);
  else if (typeof step === 'string' && 'M' in parent) delete parent.M[step];
  else throw badPath();
}
