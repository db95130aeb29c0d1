import type { Cloud } from '#local/kernel/cloud.ts';

export type TaskStatus = 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'STOPPED';

/** What a task was started with; stored as JSON, as nothing searches it. */
export interface TaskOrder {
  readonly command: readonly string[] | undefined;
  readonly environment: readonly { readonly name: string; readonly value: string }[] | undefined;
  readonly platformVersion: string;
}

export interface TaskRow {
  readonly id: string;
  readonly cluster: string;
  readonly family: string;
  readonly revision: number;
  readonly status: TaskStatus;
  readonly desired: 'RUNNING' | 'STOPPED';
  readonly startedBy: string | null;
  readonly taskGroup: string;
  readonly taskOrder: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly started: number | null;
  readonly stopping: number | null;
  readonly stopped: number | null;
  readonly stopCode: string | null;
  readonly reason: string | null;
  readonly exitCode: number | null;
  /** Counts the changes of the task. */
  readonly version: number;
}

/** What may change of a task. */
export type TaskChange = Partial<
  Pick<
    TaskRow,
    'status' | 'desired' | 'started' | 'stopping' | 'stopped' | 'stopCode' | 'reason' | 'exitCode'
  >
>;

/** AWS shows a stopped task for at least an hour. */
const KEPT_MS = 60 * 60 * 1000;
/** A client token is remembered for a day after its tasks have stopped. */
const TOKEN_KEPT_MS = 24 * 60 * 60 * 1000;

const COLUMNS = `id, cluster, family, revision, status, desired, startedBy, taskGroup, taskOrder,
  created, started, stopping, stopped, stopCode, reason, exitCode, version`;

/** Tasks in the order in which they were asked for, and the client tokens that asked. */
export class TaskStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS ecs_tasks (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, cluster TEXT NOT NULL,
        family TEXT NOT NULL, revision INTEGER NOT NULL, status TEXT NOT NULL, desired TEXT NOT NULL,
        startedBy TEXT, taskGroup TEXT NOT NULL, taskOrder TEXT NOT NULL, created INTEGER NOT NULL,
        started INTEGER, stopping INTEGER, stopped INTEGER, stopCode TEXT, reason TEXT,
        exitCode INTEGER, version INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS ecs_tasks_living ON ecs_tasks (number) WHERE status <> 'STOPPED';
      CREATE TABLE IF NOT EXISTS ecs_client_tokens (
        cluster TEXT, token TEXT, request TEXT NOT NULL, tasks TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (cluster, token)) WITHOUT ROWID;`);
  }

  arn({ cluster, id }: Pick<TaskRow, 'cluster' | 'id'>): string {
    return this.#cloud.arn('ecs', `task/${cluster}/${id}`);
  }

  insert(
    row: Pick<
      TaskRow,
      'id' | 'cluster' | 'family' | 'revision' | 'startedBy' | 'taskGroup' | 'taskOrder'
    >,
  ): TaskRow {
    this.#cloud.database.run(
      `INSERT INTO ecs_tasks (id, cluster, family, revision, status, desired, startedBy, taskGroup,
         taskOrder, created, version) VALUES (?, ?, ?, ?, 'PROVISIONING', 'RUNNING', ?, ?, ?, ?, 1)`,
      row.id,
      row.cluster,
      row.family,
      row.revision,
      row.startedBy,
      row.taskGroup,
      row.taskOrder,
      this.#cloud.now(),
    );
    return this.byId(row.id) as TaskRow;
  }

  byId(id: string): TaskRow | undefined {
    return this.#cloud.database.get<TaskRow>(`SELECT ${COLUMNS} FROM ecs_tasks WHERE id = ?`, id);
  }

  /** @param reference an id or an ARN of a task in the cluster */
  find(cluster: string, reference: string | undefined): TaskRow | undefined {
    const prefix = this.arn({ cluster, id: '' });
    const id = reference?.startsWith(prefix) ? reference.slice(prefix.length) : reference;
    const row = id === undefined ? undefined : this.byId(id);
    return row?.cluster === cluster ? row : undefined;
  }

  update(id: string, change: TaskChange): TaskRow {
    const names = Object.keys(change) as (keyof TaskChange)[];
    const assignments = names.map((name) => `${name} = ?, `).join('');
    this.#cloud.database.run(
      `UPDATE ecs_tasks SET ${assignments} version = version + 1 WHERE id = ?`,
      ...names.map((name) => change[name] ?? null),
      id,
    );
    return this.byId(id) as TaskRow;
  }

  /** Everything that has not stopped, oldest first. */
  living(): TaskRow[] {
    return this.#cloud.database.all<TaskRow>(
      `SELECT ${COLUMNS} FROM ecs_tasks WHERE status <> 'STOPPED' ORDER BY number`,
    );
  }

  nextProvisioning(): TaskRow | undefined {
    return this.#cloud.database.get<TaskRow>(
      `SELECT ${COLUMNS} FROM ecs_tasks WHERE status = 'PROVISIONING' ORDER BY number LIMIT 1`,
    );
  }

  list(cluster: string, desired: string): TaskRow[] {
    return this.#cloud.database.all<TaskRow>(
      `SELECT ${COLUMNS} FROM ecs_tasks WHERE cluster = ? AND desired = ? ORDER BY number`,
      cluster,
      desired,
    );
  }

  /** What an earlier request with a client token asked for and got. */
  token(
    cluster: string,
    token: string,
  ): { readonly request: string; readonly tasks: readonly string[] } | undefined {
    const row = this.#cloud.database.get<{ request: string; tasks: string }>(
      'SELECT request, tasks FROM ecs_client_tokens WHERE cluster = ? AND token = ?',
      cluster,
      token,
    );
    return row && { request: row.request, tasks: JSON.parse(row.tasks) as string[] };
  }

  putToken(cluster: string, token: string, request: string, tasks: readonly string[]): void {
    this.#cloud.database.run(
      'INSERT INTO ecs_client_tokens VALUES (?, ?, ?, ?, ?)',
      cluster,
      token,
      request,
      JSON.stringify(tasks),
      this.#cloud.now(),
    );
  }

  /** Forgets what AWS would not show any more. */
  prune(): void {
    const { database } = this.#cloud;
    const now = this.#cloud.now();
    database.run(
      "DELETE FROM ecs_tasks WHERE status = 'STOPPED' AND stopped < ?",
      now - TOKEN_KEPT_MS,
    );
    database.run(
      `DELETE FROM ecs_client_tokens WHERE at < ? AND NOT EXISTS (
         SELECT 1 FROM json_each(tasks) JOIN ecs_tasks ON ecs_tasks.id = json_each.value)`,
      now - TOKEN_KEPT_MS,
    );
  }

  /** True while AWS shows the task. */
  isShown({ stopped }: TaskRow): boolean {
    return stopped === null || stopped > this.#cloud.now() - KEPT_MS;
  }
}
