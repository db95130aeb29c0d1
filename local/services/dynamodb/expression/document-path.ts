import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { invalid } from '../validation.ts';
import type { Path } from './placeholders.ts';

/** The value at a path; undefined when there is none. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let here: AttributeValue | undefined = ownValue(item, path[0] as string);
  for (let at = 1; here && at < path.length; at += 1) here = childOf(here, path[at]);
  return here;
}

/** The member of a map or list; undefined when there is none or it is neither. */
export function childOf(
  value: AttributeValue,
  step: string | number | undefined,
): AttributeValue | undefined {
  if (typeof step === 'string') return 'M' in value ? ownValue(value.M, step) : undefined;
  return step !== undefined && 'L' in value ? value.L[step] : undefined;
}

/** The parts of an item that the paths name; elements of a list keep their order, without gaps. */
export function project(item: Item, paths: readonly Path[]): Item {
  const projected = pick({ M: item }, paths);
  return projected && 'M' in projected ? projected.M : {};
}

/** How a path is written in error messages: `[a, [0], b]`. */
export const pathText = (path: Path): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

/** Refuses paths of which one contains another, or that take one place for a map and for a list. */
export function refuseOverlaps(label: string, paths: readonly Path[]): void {
  for (let second = 1; second < paths.length; second += 1) {
    for (let first = 0; first < second; first += 1) {
      const fault = overlap(paths[first] as Path, paths[second] as Path);
      if (fault) {
        throw invalid(
          `Invalid ${label}: Two document paths ${fault} with each other; must remove or rewrite ` +
            `one of these paths; path one: ${pathText(paths[first] as Path)}, ` +
            `path two: ${pathText(paths[second] as Path)}`,
        );
      }
    }
  }
}

function ownValue(map: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function pick(value: AttributeValue, paths: readonly Path[]): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const steps = new Map<string | number, Path[]>();
  for (const [step, ...rest] of paths) {
    if (step !== undefined) steps.set(step, [...(steps.get(step) ?? []), rest]);
  }
  if ('M' in value) {
    const names = [...steps].filter(([step]) => typeof step === 'string');
    const members = names.flatMap(([step, rest]) => {
      const member = childOf(value, step);
      const picked = member && pick(member, rest);
      return picked ? [[step, picked] as const] : [];
    });
    return members.length > 0 ? { M: Object.fromEntries(members) } : undefined;
  }
  if (!('L' in value)) return undefined;
  const indexes = [...steps.keys()].filter((step) => typeof step === 'number');
  const elements = indexes
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const element = value.L[index];
      const picked = element && pick(element, steps.get(index) ?? []);
      return picked ? [picked] : [];
    });
  return elements.length > 0 ? { L: elements } : undefined;
}

function overlap(one: Path, two: Path): 'overlap' | 'conflict' | undefined {
  const shared = Math.min(one.length, two.length);
  for (let at = 0; at < shared; at += 1) {
    if (one[at] !== two[at]) return typeof one[at] === typeof two[at] ? undefined : 'conflict';
  }
  return 'overlap';
}
