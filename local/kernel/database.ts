import { DatabaseSync, type StatementSync } from 'node:sqlite';

/**
 * The local cloud's only store: one SQLite file in WAL mode. A committed transaction survives the
 * death of every process (synchronous = NORMAL; not a power loss).
 */
export class Database {
  readonly #handle: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  /** @param path a file, or `:memory:` for tests */
  constructor(path: string) {
    this.#handle = new DatabaseSync(path);
    this.#handle.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;',
    );
  }

  /** Runs statements that make tables and indexes; each must be repeatable (`IF NOT EXISTS`). */
  define(sql: string): void {
    this.#handle.exec(sql);
  }

  run(sql: string, ...values: SqlValue[]): { changes: number; lastInsertRowid: number } {
    const result = this.#prepare(sql).run(...values);
    return { changes: Number(result.changes), lastInsertRowid: Number(result.lastInsertRowid) };
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** Runs `work` in one transaction; nested calls become part of the outer one. `work` is synchronous. */
  transaction<Result>(work: () => Result): Result {
    if (this.#depth > 0) return this.#nested(work);
    this.#handle.exec('BEGIN IMMEDIATE');
    this.#depth = 1;
    try {
      const result = work();
      this.#handle.exec('COMMIT');
      return result;
    } catch (error) {
      this.#handle.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth = 0;
    }
  }

  close(): void {
    this.#handle.close();
  }

  #nested<Result>(work: () => Result): Result {
    const name = `nested_${this.#depth}`;
    this.#handle.exec(`SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      const result = work();
      this.#handle.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#handle.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#handle.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

export type SqlValue = string | number | bigint | null | Uint8Array;
