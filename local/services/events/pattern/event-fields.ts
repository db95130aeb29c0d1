export type Scalar = string | number | boolean | null;

/** One leaf of an event. */
export interface EventField {
  readonly value: Scalar;
  /** Which element of which array (by its path) the leaf lies in. */
  readonly within: ReadonlyMap<string, number>;
}

/**
 * The leaves of an event by their path, names joined with dots. Leaves from different elements of
 * one array are kept apart, since a pattern must find all its values in the same element.
 */
export function eventFields(event: unknown): ReadonlyMap<string, readonly EventField[]> {
  const fields = new Map<string, EventField[]>();
  const walk = (node: unknown, path: string, within: ReadonlyMap<string, number>): void => {
    if (Array.isArray(node)) {
      node.forEach((element: unknown, index) => {
        const inside =
          typeof element === 'object' && element !== null
            ? new Map([...within, [path, index] as const])
            : within;
        walk(element, path, inside);
      });
    } else if (typeof node === 'object' && node !== null) {
      for (const [name, value] of Object.entries(node)) {
        walk(value, path === '' ? name : `${path}.${name}`, within);
      }
    } else {
      const known = fields.get(path);
      const field = { value: node as Scalar, within };
      if (known) known.push(field);
      else fields.set(path, [field]);
    }
  };
  walk(event, '', new Map());
  return fields;
}
