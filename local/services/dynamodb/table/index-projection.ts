import type { Item } from '../values/attribute-value.ts';
import { keyAttributes, type IndexDefinition } from './table-definition.ts';
import type { Table } from './tables.ts';

/** The part of an item that an index holds. */
export function indexedItem(table: Table, index: IndexDefinition, item: Item): Item {
  const names = projectedNames(table, index);
  if (!names) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** The attributes that an index holds; undefined when it holds all. */
export function projectedNames(
  table: Table,
  index: IndexDefinition,
): ReadonlySet<string> | undefined {
  if (index.projection === 'ALL') return undefined;
  return new Set([
    ...keyAttributes(table).map(({ name }) => name),
    ...keyAttributes(index).map(({ name }) => name),
    ...index.included,
  ]);
}
