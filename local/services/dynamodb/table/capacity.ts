import { requireOneOf } from '../validation.ts';
import type { Table } from './tables.ts';

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

/** Units that a read of so many bytes takes: one for each 4 KB, half when eventually consistent. */
export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5);
}

/** Units that a write of so many bytes takes: one for each 1 KB. */
export const writeUnits = (bytes: number): number =>
  Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

/** Capacity used by one call, per table and index. */
export class Capacity {
  readonly #mode: string;
  readonly #kind: 'read' | 'write';
  #transactional = false;
  readonly #tables = new Map<string, { table: number; indexes: Map<string, number> }>();

  /** @param mode the request's ReturnConsumedCapacity */
  constructor(mode: string | undefined, kind: 'read' | 'write') {
    requireOneOf(mode, 'returnConsumedCapacity', ['INDEXES', 'TOTAL', 'NONE']);
    this.#mode = mode ?? 'NONE';
    this.#kind = kind;
  }

  get wanted(): boolean {
    return this.#mode !== 'NONE';
  }

  add(table: Table, units: number, index?: string): void {
    const entry = this.#tables.get(table.name) ?? { table: 0, indexes: new Map() };
    this.#tables.set(table.name, entry);
    if (index === undefined) entry.table += units;
    else entry.indexes.set(index, (entry.indexes.get(index) ?? 0) + units);
  }

  /** For actions on one table: `{ConsumedCapacity}` or nothing, as the request asks. */
  member(): object {
    const [first] = this.#list();
    return first ? { ConsumedCapacity: first } : {};
  }

  /** For batches and transactions: `{ConsumedCapacity: […]}` or nothing. */
  listMember(): object {
    const list = this.#list();
    return list.length > 0 ? { ConsumedCapacity: list } : {};
  }

  #list(): object[] {
    if (this.#mode === 'NONE') return [];
    return [...this.#tables].map(([TableName, { table, indexes }]) => {
      const total = [...indexes.values()].reduce((sum, units) => sum + units, table);
      const units = (value: number) => ({
        CapacityUnits: value,
        ...(this.#transactional && {
          [this.#kind === 'read' ? 'ReadCapacityUnits' : 'WriteCapacityUnits']: value,
        }),
      });
      return {
        TableName,
        ...units(total),
        ...(this.#mode === 'INDEXES' && {
          Table: units(table),
          ...(indexes.size > 0 && {
            GlobalSecondaryIndexes: Object.fromEntries(
              [...indexes].map(([name, value]) => [name, units(value)]),
            ),
          }),
        }),
      };
    });
  }

  /** Adds the read or write split, which only transactions answer. */
  forTransaction(): this {
    this.#transactional = true;
    return this;
  }
}
