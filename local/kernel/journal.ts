import type { Database } from './database.ts';
import { AwsError } from './aws-error.ts';
import type { IamRequest, Principal } from './service.ts';
import type { CallRequest } from './cloud.ts';

/** How many rows are kept; older ones are dropped in steps. */
const KEPT_ROWS = 500_000;
const FLUSH_AFTER_MS = 50;

/**
 * One row per API call and permission that it needed: who did what to which resource, by which
 * statement, with which outcome. The row of a change commits together with the change, so an
 * observer outside who reads row k knows that exactly k changes are durable.
 */
export class Journal {
  readonly #database: Database;
  #late: JournalEntry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #written = 0;

  constructor(database: Database) {
    this.#database = database;
    database.define(`CREATE TABLE IF NOT EXISTS journal (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, service TEXT NOT NULL,
      action TEXT NOT NULL, principal TEXT NOT NULL, grants TEXT NOT NULL, outcome TEXT NOT NULL,
      changes INTEGER NOT NULL, request_bytes INTEGER NOT NULL)`);
  }

  entry(request: CallRequest): JournalEntry {
    return new JournalEntry(request);
  }

  /** Runs an action so that its row and its change are one transaction where that is possible. */
  async around(
    entry: JournalEntry,
    reads: boolean,
    judge: () => void,
    run: () => unknown,
  ): Promise<unknown> {
    try {
      const answer = reads ? (judge(), run()) : this.#inTransaction(entry, judge, run);
      if (!(answer instanceof Promise)) {
        if (reads) this.#writeLate(entry);
        return answer;
      }
      const output: unknown = await answer;
      if (reads) this.#writeLate(entry);
      else this.#write(entry, 1);
      return output;
    } catch (error) {
      entry.outcome = error instanceof AwsError ? error.code : 'InternalFailure';
      this.#writeLate(entry);
      throw error;
    }
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#late.length === 0) return;
    const rows = this.#late;
    this.#late = [];
    this.#database.transaction(() => {
      for (const row of rows) this.#write(row, 0);
    });
  }

  #inTransaction(entry: JournalEntry, judge: () => void, run: () => unknown): unknown {
    return this.#database.transaction(() => {
      judge();
      const answer = run();
      if (!(answer instanceof Promise)) this.#write(entry, 1);
      return answer;
    });
  }

  #writeLate(entry: JournalEntry): void {
    this.#late.push(entry);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS).unref();
  }

  #write(entry: JournalEntry, changes: number): void {
    this.#database.run(
      `INSERT INTO journal (at, service, action, principal, grants, outcome, changes, request_bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      entry.at,
      entry.service,
      entry.action,
      entry.principal,
      JSON.stringify(entry.grants),
      entry.outcome,
      changes,
      entry.bytes,
    );
    this.#written += 1;
    if (this.#written % 10_000 === 0) {
      this.#database.run(
        'DELETE FROM journal WHERE seq <= (SELECT MAX(seq) FROM journal) - ?',
        KEPT_ROWS,
      );
    }
  }
}

interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly conditions?: IamRequest['conditions'];
  /** The statement that allowed it; `null` when nothing did. */
  readonly statement: string | null;
}

export class JournalEntry {
  readonly at = Date.now();
  readonly service: string;
  readonly action: string;
  readonly principal: string;
  readonly bytes: number;
  readonly grants: Grant[] = [];
  outcome = 'ok';

  constructor(request: CallRequest) {
    this.service = request.service;
    this.action = request.action;
    this.principal = principalName(request.principal);
    this.bytes = request.bytes ?? 0;
  }

  judged(need: IamRequest, statement: string): void {
    this.grants.push({ ...need, statement });
  }

  denied(need: IamRequest): void {
    this.grants.push({ ...need, statement: null });
  }
}

/** `root`, a role's ARN with its session tags, or a service's name with its source. */
export function principalName(principal: Principal): string {
  switch (principal.kind) {
    case 'root':
      return 'root';
    case 'role': {
      const tags = Object.entries(principal.tags).map(([k, v]) => `${k}=${v}`);
      return tags.length > 0 ? `${principal.roleArn}[${tags.join(',')}]` : principal.roleArn;
    }
    case 'service':
      return principal.sourceArn
        ? `${principal.service}<${principal.sourceArn}>`
        : principal.service;
  }
}
