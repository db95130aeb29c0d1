import type { Database, SqlValue } from '#local/kernel/database.ts';
import type { Item } from '../values/attribute-value.ts';
import { encodeKey, type EncodedKey } from './keys.ts';
import type { IndexDefinition } from './table-definition.ts';
import type { Table } from './tables.ts';

/** Sort keys from `low`, inclusive, to `high`, exclusive. */
export interface KeyRange {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
}

/** An item met in a range, with its size in the table in bytes. */
export interface RangeItem {
  readonly item: Item;
  readonly size: number;
  /** The partition key as bytes, by which parallel scans are divided. */
  readonly partition: Uint8Array;
}

/** Above every sort key, which has at most 1,024 bytes. */
const ABOVE_ALL = Buffer.alloc(1100, 0xff);
const EMPTY = new Uint8Array();

/** Rows read at a time: few, because most pages are short. */
const CHUNK = 64;

export const EVERY_KEY: KeyRange = { low: EMPTY, high: ABOVE_ALL };

/** The next key in byte order. */
export const justAfter = (key: Uint8Array): Uint8Array => Buffer.concat([key, Uint8Array.of(0)]);

/** All keys that begin with these bytes. */
export function keysBeginningWith(prefix: Uint8Array): KeyRange {
  const high = Buffer.from(prefix);
  let length = high.length;
  while (length > 0 && high[length - 1] === 0xff) length -= 1;
  if (length === 0) return { low: prefix, high: ABOVE_ALL };
  high[length - 1] = (high[length - 1] ?? 0) + 1;
  return { low: prefix, high: high.subarray(0, length) };
}

/** Reads items in key order, a few rows at a time. */
export class ItemRanges {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The items of one partition, from just after `start` (a full key) if given. */
  *partition(
    table: Table,
    pk: Uint8Array,
    range: KeyRange,
    forward: boolean,
    start: Item | undefined,
  ): Generator<RangeItem> {
    let { low, high } = range;
    const move = (sk: Uint8Array) => {
      if (forward) low = justAfter(sk);
      else high = sk;
    };
    if (start) move(encodeKey(table, start).sk);
    for (;;) {
      const rows = this.#database.all<Row>(
        `SELECT pk, sk, item, size FROM dynamodb_items
         WHERE tbl = ? AND pk = ? AND sk >= ? AND sk < ? ORDER BY sk ${direction(forward)} LIMIT ?`,
        table.id,
        pk,
        low,
        high,
        CHUNK,
      );
      for (const row of rows) yield rangeItem(row);
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return;
      move(last.sk);
    }
  }

  /** The items of one partition of an index, from just after `start` (index and table key). */
  *indexPartition(
    table: Table,
    index: IndexDefinition,
    pk: Uint8Array,
    range: KeyRange,
    forward: boolean,
    start: Item | undefined,
  ): Generator<RangeItem> {
    let low: Place = [range.low, EMPTY, EMPTY];
    let high: Place = [range.high, EMPTY, EMPTY];
    const move = (place: Place) => {
      if (forward) low = [place[0], place[1], justAfter(place[2])];
      else high = place;
    };
    if (start) {
      const base = encodeKey(table, start);
      move([encodeKey(index, start).sk, base.pk, base.sk]);
    }
    const order = direction(forward);
    for (;;) {
      const rows = this.#database.all<IndexRow>(
        `SELECT e.pk, e.sk, e.base_pk, e.base_sk, i.item, i.size
         FROM dynamodb_index_entries e JOIN dynamodb_items i ON i.id = e.item_id
         WHERE e.tbl = ? AND e.idx = ? AND e.pk = ?
           AND (e.sk, e.base_pk, e.base_sk) >= (?, ?, ?)
           AND (e.sk, e.base_pk, e.base_sk) < (?, ?, ?)
         ORDER BY e.sk ${order}, e.base_pk ${order}, e.base_sk ${order} LIMIT ?`,
        table.id,
        index.name,
        pk,
        ...low,
        ...high,
        CHUNK,
      );
      for (const row of rows) yield rangeItem(row);
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return;
      move([last.sk, last.base_pk, last.base_sk]);
    }
  }

  /** Every item of a table, from just after `start`. */
  *table(table: Table, start: Item | undefined): Generator<RangeItem> {
    let after: EncodedKey = start ? encodeKey(table, start) : { pk: EMPTY, sk: EMPTY };
    for (;;) {
      const rows = this.#database.all<Row>(
        `SELECT pk, sk, item, size FROM dynamodb_items
         WHERE tbl = ? AND (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?`,
        table.id,
        after.pk,
        after.sk,
        CHUNK,
      );
      for (const row of rows) yield rangeItem(row);
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return;
      after = last;
    }
  }

  /** Every item of an index, from just after `start`. */
  *index(table: Table, index: IndexDefinition, start: Item | undefined): Generator<RangeItem> {
    let after: SqlValue[] = [EMPTY, EMPTY, EMPTY, EMPTY];
    if (start) {
      const [own, base] = [encodeKey(index, start), encodeKey(table, start)];
      after = [own.pk, own.sk, base.pk, base.sk];
    }
    for (;;) {
      const rows = this.#database.all<IndexRow>(
        `SELECT e.pk, e.sk, e.base_pk, e.base_sk, i.item, i.size
         FROM dynamodb_index_entries e JOIN dynamodb_items i ON i.id = e.item_id
         WHERE e.tbl = ? AND e.idx = ? AND (e.pk, e.sk, e.base_pk, e.base_sk) > (?, ?, ?, ?)
         ORDER BY e.pk, e.sk, e.base_pk, e.base_sk LIMIT ?`,
        table.id,
        index.name,
        ...after,
        CHUNK,
      );
      for (const row of rows) yield rangeItem(row);
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return;
      after = [last.pk, last.sk, last.base_pk, last.base_sk];
    }
  }
}

/** A place among the entries of one partition of an index. */
type Place = [sk: Uint8Array, basePk: Uint8Array, baseSk: Uint8Array];

interface Row {
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
  readonly item: string;
  readonly size: number;
}

interface IndexRow extends Row {
  readonly base_pk: Uint8Array;
  readonly base_sk: Uint8Array;
}

const direction = (forward: boolean): string => (forward ? 'ASC' : 'DESC');

const rangeItem = ({ pk, item, size }: Row): RangeItem => ({
  item: JSON.parse(item) as Item,
  size,
  partition: pk,
});
