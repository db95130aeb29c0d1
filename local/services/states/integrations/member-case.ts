import { isObject, type Json } from '#local/workflow/json.ts';

/** Services whose API members begin with a small letter, while definitions write them with a large one. */
export const SMALL_MEMBERS: ReadonlySet<string> = new Set(['states', 'ecs', 'logs']);

/** Members whose own members are a user's names, and stay as they are. */
const MAPS: ReadonlySet<string> = new Set(['tags', 'options', 'labels', 'dockerLabels']);

/** The same JSON with each member's first letter small. */
export const smallMembers = (value: Json): Json =>
  renamed(value, (name) => name.charAt(0).toLowerCase() + name.slice(1));

/** The same JSON with each member's first letter large. */
export const largeMembers = (value: Json): Json =>
  renamed(value, (name) => name.charAt(0).toUpperCase() + name.slice(1));

function renamed(value: Json, rename: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isMap = MAPS.has(name.charAt(0).toLowerCase() + name.slice(1)) && isObject(member);
      return [rename(name), isMap ? member : renamed(member, rename)];
    }),
  );
}
