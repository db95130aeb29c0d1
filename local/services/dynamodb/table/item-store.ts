import type { Database, SqlValue } from '#local/kernel/database.ts';
import type { Item } from '../values/attribute-value.ts';
import { itemSize, MAX_ITEM_BYTES } from '../values/item-size.ts';
import { invalid } from '../validation.ts';
import type { Capacity } from './capacity.ts';
import { writeUnits } from './capacity.ts';
import { indexedItem } from './index-projection.ts';
import { indexKey, requireKey, encodeKey, type EncodedKey } from './keys.ts';
import type { IndexDefinition } from './table-definition.ts';
import type { Table } from './tables.ts';

/** An item in the store with its size in bytes. */
export interface StoredItem extends SizedItem {
  readonly id: number;
}

/** An item that has been checked and may be stored. */
export interface PlannedItem extends SizedItem {
  readonly key: EncodedKey;
  /** Its key in each index of the table; undefined where it is left out. */
  readonly entries: readonly (EncodedKey | undefined)[];
}

interface SizedItem {
  readonly item: Item;
  readonly size: number;
}

/** AWS leaves items alone that expired more than five years ago. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 24 * 3600;

/** Items and index entries as SQLite rows; keys are bytes in DynamoDB's order. */
export class ItemStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_items (
        id INTEGER PRIMARY KEY AUTOINCREMENT, tbl INTEGER NOT NULL, pk BLOB NOT NULL,
        sk BLOB NOT NULL, item TEXT NOT NULL, size INTEGER NOT NULL, expires_at INTEGER,
        UNIQUE (tbl, pk, sk));
      CREATE INDEX IF NOT EXISTS dynamodb_expiry ON dynamodb_items (expires_at)
        WHERE expires_at IS NOT NULL;
      CREATE TABLE IF NOT EXISTS dynamodb_index_entries (
        tbl INTEGER NOT NULL, idx TEXT NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL,
        base_pk BLOB NOT NULL, base_sk BLOB NOT NULL, item_id INTEGER NOT NULL,
        PRIMARY KEY (tbl, idx, pk, sk, base_pk, base_sk)) WITHOUT ROWID;`);
  }

  /** @param key a key that has been checked */
  get(table: Table, key: Item): StoredItem | undefined {
    const { pk, sk } = encodeKey(table, key);
    const row = this.#database.get<{ id: number; item: string; size: number }>(
      'SELECT id, item, size FROM dynamodb_items WHERE tbl = ? AND pk = ? AND sk = ?',
      table.id,
      pk,
      sk,
    );
    return row && { ...row, item: JSON.parse(row.item) as Item };
  }

  /**
   * What storing an item will write.
   *
   * @param tooLarge the message for an item over 400 KB
   * @throws AwsError ValidationException for a wrong key, a wrong index key, or over 400 KB
   */
  plan(table: Table, item: Item, tooLarge: string): PlannedItem {
    const key = requireKey(table, item);
    const size = itemSize(item);
    if (size > MAX_ITEM_BYTES) throw invalid(tooLarge);
    return { item, size, key, entries: table.indexes.map((index) => indexKey(index, item)) };
  }

  /** Stores a planned item in the place of `before`. */
  put(table: Table, before: StoredItem | undefined, planned: PlannedItem): void {
    const { item, size, key, entries } = planned;
    const columns = [JSON.stringify(item), size, expiryOf(table, item)] as const;
    let id = before?.id;
    if (id === undefined) {
      id = this.#database.run(
        'INSERT INTO dynamodb_items (tbl, pk, sk, item, size, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        table.id,
        key.pk,
        key.sk,
        ...columns,
      ).lastInsertRowid;
    } else {
      this.#database.run(
        'UPDATE dynamodb_items SET item = ?, size = ?, expires_at = ? WHERE id = ?',
        ...columns,
        id,
      );
    }
    for (const [at, index] of table.indexes.entries()) {
      const old = before && usableIndexKey(index, before.item);
      this.#moveEntry(table, index, key, id, old, entries[at]);
    }
  }

  delete(table: Table, stored: StoredItem): void {
    const key = encodeKey(table, stored.item);
    this.#database.run('DELETE FROM dynamodb_items WHERE id = ?', stored.id);
    for (const index of table.indexes) {
      this.#moveEntry(table, index, key, stored.id, usableIndexKey(index, stored.item), undefined);
    }
  }

  /** Adds to `capacity` what the change of one item costs: its larger size, and index writes. */
  countWrite(
    table: Table,
    before: SizedItem | undefined,
    after: SizedItem | undefined,
    capacity: Capacity,
    factor = 1,
  ): void {
    if (!capacity.wanted) return;
    capacity.add(table, factor * writeUnits(Math.max(before?.size ?? 0, after?.size ?? 0)));
    for (const index of table.indexes) {
      const old = before && usableIndexKey(index, before.item) && before;
      const next = after && usableIndexKey(index, after.item) && after;
      const units = indexWriteUnits(table, index, old, next);
      if (units > 0) capacity.add(table, factor * units, index.name);
    }
  }

  /** Makes the index entries and expiry times of a table anew, after its definition has changed. */
  rebuild(table: Table): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM dynamodb_index_entries WHERE tbl = ?', table.id);
      for (const stored of this.#everyItem(table)) {
        const key = encodeKey(table, stored.item);
        for (const index of table.indexes) {
          const entry = usableIndexKey(index, stored.item);
          this.#moveEntry(table, index, key, stored.id, undefined, entry);
        }
        this.#database.run(
          'UPDATE dynamodb_items SET expires_at = ? WHERE id = ?',
          expiryOf(table, stored.item),
          stored.id,
        );
      }
    });
  }

  deleteTable(table: Table): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM dynamodb_items WHERE tbl = ?', table.id);
      this.#database.run('DELETE FROM dynamodb_index_entries WHERE tbl = ?', table.id);
    });
  }

  /** Deletes up to `limit` items whose time is over. @returns how many */
  deleteExpired(tables: readonly Table[], nowSeconds: number, limit: number): number {
    const rows = this.#database.all<{ id: number; tbl: number; item: string; size: number }>(
      `SELECT id, tbl, item, size FROM dynamodb_items
       WHERE expires_at IS NOT NULL AND expires_at < ? AND expires_at > ? LIMIT ?`,
      Math.floor(nowSeconds),
      Math.floor(nowSeconds) - OLDEST_EXPIRY_SECONDS,
      limit,
    );
    if (rows.length === 0) return 0;
    this.#database.transaction(() => {
      for (const { id, tbl, item, size } of rows) {
        const table = tables.find((candidate) => candidate.id === tbl);
        if (table) this.delete(table, { id, item: JSON.parse(item) as Item, size });
      }
    });
    return rows.length;
  }

  /** Number and bytes of a table's items. */
  totals(table: Table): { count: number; bytes: number } {
    return this.#database.get(
      'SELECT COUNT(*) AS count, COALESCE(SUM(size), 0) AS bytes FROM dynamodb_items WHERE tbl = ?',
      table.id,
    ) as { count: number; bytes: number };
  }

  #moveEntry(
    table: Table,
    index: IndexDefinition,
    key: EncodedKey,
    id: number,
    old: EncodedKey | undefined,
    next: EncodedKey | undefined,
  ): void {
    if (old && next && sameKey(old, next)) return;
    const place = ({ pk, sk }: EncodedKey): SqlValue[] => [pk, sk, key.pk, key.sk];
    if (old) {
      this.#database.run(
        `DELETE FROM dynamodb_index_entries
         WHERE tbl = ? AND idx = ? AND pk = ? AND sk = ? AND base_pk = ? AND base_sk = ?`,
        table.id,
        index.name,
        ...place(old),
      );
    }
    if (next) {
      this.#database.run(
        'INSERT OR REPLACE INTO dynamodb_index_entries VALUES (?, ?, ?, ?, ?, ?, ?)',
        table.id,
        index.name,
        ...place(next),
        id,
      );
    }
  }

  *#everyItem(table: Table): Generator<StoredItem> {
    let last = 0;
    for (;;) {
      const rows = this.#database.all<{ id: number; item: string; size: number }>(
        'SELECT id, item, size FROM dynamodb_items WHERE tbl = ? AND id > ? ORDER BY id LIMIT 200',
        table.id,
        last,
      );
      for (const row of rows) yield { ...row, item: JSON.parse(row.item) as Item };
      if (rows.length === 0) return;
      last = rows.at(-1)?.id ?? last;
    }
  }
}

function sameKey(a: EncodedKey, b: EncodedKey): boolean {
  return Buffer.compare(a.pk, b.pk) === 0 && Buffer.compare(a.sk, b.sk) === 0;
}

/** An index made later leaves out the items that it cannot hold, as AWS's backfill does. */
function usableIndexKey(index: IndexDefinition, item: Item): EncodedKey | undefined {
  try {
    return indexKey(index, item);
  } catch {
    return undefined;
  }
}

/** Seconds since the epoch, when the table has TTL and the item carries a number there. */
function expiryOf(table: Table, item: Item): number | null {
  const value = table.ttlAttribute === undefined ? undefined : item[table.ttlAttribute];
  if (!value || !('N' in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) ? seconds : null;
}

function indexWriteUnits(
  table: Table,
  index: IndexDefinition,
  before: SizedItem | undefined,
  after: SizedItem | undefined,
): number {
  const old = before && indexedItem(table, index, before.item);
  const next = after && indexedItem(table, index, after.item);
  if (!old && !next) return 0;
  if (!old || !next) return writeUnits(itemSize((old ?? next) as Item));
  const [a, b] = [indexKey(index, old), indexKey(index, next)];
  if (a && b && !sameKey(a, b)) return writeUnits(itemSize(old)) + writeUnits(itemSize(next));
  if (JSON.stringify(old) === JSON.stringify(next)) return 0;
  return writeUnits(Math.max(itemSize(old), itemSize(next)));
}
