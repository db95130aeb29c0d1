import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { HistoryEvent } from '#local/workflow/history.ts';
import { Data, type JsonObject } from '#local/workflow/json.ts';
import { executionArn, executionReference } from './arn.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

export interface ExecutionRow {
  readonly id: number;
  readonly machine: string;
  readonly name: string;
  readonly digest: string;
  readonly roleArn: string;
  readonly versionArn: string | null;
  readonly aliasArn: string | null;
  readonly input: string;
  readonly trace: string | null;
  readonly status: ExecutionStatus;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly stopped: number | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

interface EventRow {
  readonly seq: number;
  readonly id: number | null;
  readonly prev: number;
  readonly at: number;
  readonly thread: string;
  readonly type: string;
  readonly data: string | null;
  readonly details: string | null;
  readonly extra: string | null;
}

/** How long AWS keeps a closed execution and remembers its name. */
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
const COLUMNS = `id, machine, name, digest, role_arn AS roleArn, version_arn AS versionArn,
  alias_arn AS aliasArn, input, trace, status, started, stopped, output, error, cause`;

/** Executions, their events, and the tokens of their tasks. */
export class ExecutionStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS states_executions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, machine TEXT NOT NULL, name TEXT NOT NULL,
        digest TEXT NOT NULL, role_arn TEXT NOT NULL, version_arn TEXT, alias_arn TEXT,
        input TEXT NOT NULL, trace TEXT, status TEXT NOT NULL, started INTEGER NOT NULL,
        stopped INTEGER, output TEXT, error TEXT, cause TEXT, UNIQUE (machine, name));
      CREATE INDEX IF NOT EXISTS states_executions_running ON states_executions (id) WHERE status = 'RUNNING';
      CREATE TABLE IF NOT EXISTS states_events (
        execution INTEGER, seq INTEGER, id INTEGER, prev INTEGER NOT NULL, at INTEGER NOT NULL,
        thread TEXT NOT NULL, type TEXT NOT NULL, data TEXT, details TEXT, extra TEXT,
        PRIMARY KEY (execution, seq)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS states_tokens (
        token TEXT PRIMARY KEY, execution INTEGER NOT NULL, thread TEXT NOT NULL, task INTEGER NOT NULL)
        WITHOUT ROWID;`);
  }

  arn({ machine, name }: Pick<ExecutionRow, 'machine' | 'name'>): string {
    return executionArn(this.#cloud, machine, name);
  }

  /** @returns the execution's id */
  insert(
    row: Omit<ExecutionRow, 'id' | 'status' | 'stopped' | 'output' | 'error' | 'cause'>,
  ): number {
    return this.#cloud.database.run(
      `INSERT INTO states_executions
        (machine, name, digest, role_arn, version_arn, alias_arn, input, trace, status, started)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'RUNNING', ?)`,
      row.machine,
      row.name,
      row.digest,
      row.roleArn,
      row.versionArn,
      row.aliasArn,
      row.input,
      row.trace,
      row.started,
    ).lastInsertRowid;
  }

  find(machine: string, name: string): ExecutionRow | undefined {
    return this.#cloud.database.get<ExecutionRow>(
      `SELECT ${COLUMNS} FROM states_executions WHERE machine = ? AND name = ?`,
      machine,
      name,
    );
  }

  /** @throws AwsError `ExecutionDoesNotExist` or `InvalidArn` */
  get(arn: unknown): ExecutionRow {
    const { machine, name } = executionReference(arn);
    const row = this.find(machine, name);
    if (row) return row;
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${String(arn)}'`);
  }

  byId(id: number): ExecutionRow | undefined {
    return this.#cloud.database.get<ExecutionRow>(
      `SELECT ${COLUMNS} FROM states_executions WHERE id = ?`,
      id,
    );
  }

  running(): ExecutionRow[] {
    return this.#cloud.database.all<ExecutionRow>(
      `SELECT ${COLUMNS} FROM states_executions WHERE status = 'RUNNING' ORDER BY id`,
    );
  }

  /** Executions of a state machine, the newest first, `limit` of them below the id `before`. */
  list(
    machine: string,
    filter: { status?: string; qualifiedArn?: string; before: number; limit: number },
  ): ExecutionRow[] {
    const { status = null, qualifiedArn = null, before, limit } = filter;
    return this.#cloud.database.all<ExecutionRow>(
      `SELECT ${COLUMNS} FROM states_executions
       WHERE machine = ? AND (? IS NULL OR status = ?)
         AND (? IS NULL OR version_arn = ? OR alias_arn = ?) AND id < ?
       ORDER BY id DESC LIMIT ?`,
      machine,
      status,
      status,
      qualifiedArn,
      qualifiedArn,
      qualifiedArn,
      before,
      limit,
    );
  }

  end(
    id: number,
    status: ExecutionStatus,
    at: number,
    end: { output?: string; error?: string; cause?: string },
  ): void {
    this.#cloud.database.run(
      'UPDATE states_executions SET status = ?, stopped = ?, output = ?, error = ?, cause = ? WHERE id = ?',
      status,
      at,
      end.output ?? null,
      end.error ?? null,
      end.cause ?? null,
      id,
    );
  }

  append(execution: number, event: HistoryEvent): void {
    const { seq, id, prev, at, thread, type, data, details, extra } = event;
    this.#cloud.database.run(
      'INSERT INTO states_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      execution,
      seq,
      id,
      prev,
      at,
      thread,
      type,
      data?.text ?? null,
      details ? JSON.stringify(details) : null,
      extra ? JSON.stringify(extra) : null,
    );
    if (typeof extra?.['token'] !== 'string') return;
    this.#cloud.database.run(
      'INSERT INTO states_tokens VALUES (?, ?, ?, ?)',
      extra['token'],
      execution,
      thread,
      seq,
    );
  }

  /** All events of an execution in their order. */
  events(execution: number): HistoryEvent[] {
    return this.#cloud.database
      .all<EventRow>('SELECT * FROM states_events WHERE execution = ? ORDER BY seq', execution)
      .map(eventOf);
  }

  /** The events that AWS shows, `limit` of them beyond the seq `after`. */
  page(
    execution: number,
    page: { after: number; limit: number; reverse: boolean },
  ): HistoryEvent[] {
    const [beyond, order] = page.reverse ? ['<', 'DESC'] : ['>', 'ASC'];
    return this.#cloud.database
      .all<EventRow>(
        `SELECT * FROM states_events WHERE execution = ? AND seq ${beyond} ? AND id IS NOT NULL
         ORDER BY seq ${order} LIMIT ?`,
        execution,
        page.after,
        page.limit,
      )
      .map(eventOf);
  }

  token(token: string): { execution: number; thread: string; task: number } | undefined {
    return this.#cloud.database.get(
      'SELECT execution, thread, task FROM states_tokens WHERE token = ?',
      token,
    );
  }

  /** Forgets executions that AWS would have forgotten. */
  forgetOld(now: number): void {
    const { database } = this.#cloud;
    const old = 'SELECT id FROM states_executions WHERE stopped < ?';
    database.transaction(() => {
      for (const table of ['states_events', 'states_tokens']) {
        database.run(`DELETE FROM ${table} WHERE execution IN (${old})`, now - KEPT_MS);
      }
      database.run('DELETE FROM states_executions WHERE stopped < ?', now - KEPT_MS);
    });
  }
}

function eventOf({
  seq,
  id,
  prev,
  at,
  thread,
  type,
  data,
  details,
  extra,
}: EventRow): HistoryEvent {
  return {
    seq,
    id,
    prev,
    at,
    thread,
    type,
    ...(data === null ? {} : { data: Data.parse(data) }),
    ...(details === null ? {} : { details: JSON.parse(details) as JsonObject }),
    ...(extra === null ? {} : { extra: JSON.parse(extra) as JsonObject }),
  };
}
