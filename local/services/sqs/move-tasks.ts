import { randomUUID } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { MessageRow, MessageStore } from './message-store.ts';
import type { QueueStore } from './queue-store.ts';

export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

/** Moving the messages of a dead-letter queue back. */
export interface MoveTask {
  readonly id: string;
  readonly source: string;
  /** Null: each message goes to the queue from which it came. */
  readonly destination: string | null;
  /** Messages per second; null means as fast as it goes. */
  readonly rate: number | null;
  readonly status: MoveStatus;
  readonly moved: number;
  readonly to_move: number;
  readonly failure: string | null;
  /** Milliseconds since the epoch. */
  readonly started: number;
}

const SHORTEST_PAUSE_MS = 10;
const UNLIMITED_BATCH = 100;

/** Message move tasks; one that was running when the process died goes on at the next start. */
export class MoveTasks {
  readonly #cloud: Cloud;
  readonly #queues: QueueStore;
  readonly #messages: MessageStore;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(cloud: Cloud, queues: QueueStore, messages: MessageStore) {
    this.#cloud = cloud;
    this.#queues = queues;
    this.#messages = messages;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS sqs_move_tasks (
      id TEXT PRIMARY KEY, source TEXT NOT NULL, destination TEXT, rate INTEGER,
      status TEXT NOT NULL, moved INTEGER NOT NULL, to_move INTEGER NOT NULL,
      failure TEXT, started INTEGER NOT NULL)`);
  }

  start(): void {
    const running = this.#cloud.database.all<MoveTask>(
      "SELECT * FROM sqs_move_tasks WHERE status = 'RUNNING'",
    );
    for (const task of running) this.#schedule(task);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** @param source and `destination` are ARNs @returns the new task's id */
  begin(task: Pick<MoveTask, 'source' | 'destination' | 'rate' | 'to_move'>): string {
    const id = randomUUID();
    this.#cloud.database.run(
      "INSERT INTO sqs_move_tasks VALUES (?, ?, ?, ?, 'RUNNING', 0, ?, NULL, ?)",
      id,
      task.source,
      task.destination,
      task.rate,
      task.to_move,
      this.#cloud.now(),
    );
    const row = this.find(id);
    if (row) this.#schedule(row);
    return id;
  }

  find(id: string): MoveTask | undefined {
    return this.#cloud.database.get<MoveTask>('SELECT * FROM sqs_move_tasks WHERE id = ?', id);
  }

  /** The tasks of one dead-letter queue, the newest first. */
  ofSource(source: string): MoveTask[] {
    return this.#cloud.database.all<MoveTask>(
      'SELECT * FROM sqs_move_tasks WHERE source = ? ORDER BY started DESC, rowid DESC',
      source,
    );
  }

  end(id: string, status: MoveStatus, failure: string | null = null): void {
    this.#cloud.database.run(
      'UPDATE sqs_move_tasks SET status = ?, failure = ? WHERE id = ?',
      status,
      failure,
      id,
    );
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #schedule(task: MoveTask): void {
    const pause = task.rate === null ? 0 : Math.max(1000 / task.rate, SHORTEST_PAUSE_MS);
    const batch = task.rate === null ? UNLIMITED_BATCH : Math.ceil((task.rate * pause) / 1000);
    const timer = setTimeout(() => {
      this.#cloud.database.transaction(() => this.#step(task.id, batch));
    }, pause);
    this.#timers.set(task.id, timer.unref());
  }

  #step(id: string, batch: number): void {
    const task = this.find(id);
    if (task?.status !== 'RUNNING') return;
    const source = this.#queues.findByArn(task.source);
    const rows = source ? this.#messages.oldest(source.name, batch) : [];
    for (const row of rows) {
      const fault = this.#move(task, row);
      if (fault) return this.end(id, 'FAILED', fault);
    }
    if (rows.length < batch) return this.end(id, 'COMPLETED');
    this.#schedule(task);
  }

  #move(task: MoveTask, row: MessageRow): string | undefined {
    const target = task.destination ?? row.dead_source;
    if (target === null) return 'CouldNotDetermineMessageSource';
    const queue = this.#queues.findByArn(target);
    if (!queue) return 'AWS.SimpleQueueService.NonExistentQueue';
    this.#messages.revive(row, queue.name);
    this.#cloud.database.run('UPDATE sqs_move_tasks SET moved = moved + 1 WHERE id = ?', task.id);
    return undefined;
  }
}
