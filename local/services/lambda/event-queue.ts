import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { FunctionReference } from './function-name.ts';
import type { FunctionStore } from './function-store.ts';
import type { InvokeConfigStore } from './invoke-config-store.ts';
import type { Invoker } from './invoker.ts';
import type { ProcessFleet } from './runtime/process-fleet.ts';

interface EventRow {
  readonly id: number;
  readonly function: string;
  readonly qualifier: string | null;
  readonly request_id: string;
  readonly payload: string;
  readonly trace_id: string | null;
  readonly client_context: string | null;
  readonly accepted_at: number;
  readonly failures: number;
  readonly throttles: number;
  readonly due_at: number;
}

/** An event to be handled later. */
export interface QueuedEvent {
  readonly reference: FunctionReference;
  readonly payload: string;
  readonly requestId: string;
  readonly traceId?: string;
  readonly clientContext?: string;
}

/** After a function error AWS waits one minute, then two. */
const RETRY_DELAYS_MS = [60_000, 120_000];
/** Throttled events wait from one second up to five minutes, doubling. */
const THROTTLE_MS = { first: 1000, most: 300_000 };
const TOPIC = 'lambda:events';

/**
 * The queue of asynchronous invocations. An accepted event is a row until its function has
 * succeeded, has failed too often or the event is too old; so each is handled at least once.
 */
export class EventQueue {
  readonly #cloud: Cloud;
  readonly #store: FunctionStore;
  readonly #configs: InvokeConfigStore;
  readonly #invoker: Invoker;
  readonly #fleet: ProcessFleet;
  readonly #retryDelaysMs: readonly number[];
  readonly #running = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(
    cloud: Cloud,
    parts: {
      store: FunctionStore;
      configs: InvokeConfigStore;
      invoker: Invoker;
      fleet: ProcessFleet;
    },
    retryDelaysMs: readonly number[] = RETRY_DELAYS_MS,
  ) {
    this.#cloud = cloud;
    this.#store = parts.store;
    this.#configs = parts.configs;
    this.#invoker = parts.invoker;
    this.#fleet = parts.fleet;
    this.#retryDelaysMs = retryDelaysMs;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS lambda_event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, qualifier TEXT,
        request_id TEXT NOT NULL, payload TEXT NOT NULL, trace_id TEXT, client_context TEXT,
        accepted_at INTEGER NOT NULL, failures INTEGER NOT NULL, throttles INTEGER NOT NULL,
        due_at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS lambda_event_due ON lambda_event (due_at)`);
  }

  /** Accepts an event; joins the caller's transaction. */
  accept({ reference, payload, requestId, traceId, clientContext }: QueuedEvent): void {
    const now = this.#cloud.now();
    for (const delayMs of this.#cloud.faults.deliveries()) {
      this.#cloud.database.run(
        `INSERT INTO lambda_event (function, qualifier, request_id, payload, trace_id,
           client_context, accepted_at, failures, throttles, due_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)`,
        reference.name,
        reference.qualifier ?? null,
        requestId,
        payload,
        traceId ?? null,
        clientContext ?? null,
        now,
        now + delayMs,
      );
    }
    this.#cloud.wake(TOPIC);
  }

  start(): void {
    this.#unsubscribe = this.#cloud.onWake(TOPIC, () => this.#dispatch());
    this.#dispatch();
  }

  stop(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
  }

  /** Starts what is due, per function as many as it may handle at once. */
  #dispatch(): void {
    clearTimeout(this.#timer);
    const now = this.#cloud.now();
    for (const name of this.#store.names()) {
      const free = this.#free(name);
      if (free <= 0) continue;
      const rows = this.#cloud.database.all<EventRow>(
        'SELECT * FROM lambda_event WHERE due_at <= ? AND function = ? ORDER BY due_at, id LIMIT ?',
        now,
        name,
        free + this.#runningOf(name),
      );
      for (const row of rows.filter(({ id }) => !this.#running.has(id)).slice(0, free)) {
        void this.#handle(row);
      }
    }
    this.#sleep(now);
  }

  #free(name: string): number {
    const { reservedConcurrency } = this.#store.get(name);
    return this.#fleet.parallelism(reservedConcurrency) - this.#runningOf(name);
  }

  #runningOf(name: string): number {
    return [...this.#running.values()].filter((running) => running === name).length;
  }

  /** Until the next event falls due; those that are due already wait for a free place. */
  #sleep(now: number): void {
    const next = this.#cloud.database.get<{ due: number | null }>(
      'SELECT MIN(due_at) AS due FROM lambda_event WHERE due_at > ?',
      now,
    )?.due;
    if (next == null) return;
    this.#timer = setTimeout(() => this.#dispatch(), Math.min(next - now, 2 ** 31 - 1)).unref();
  }

  async #handle(row: EventRow): Promise<void> {
    this.#running.set(row.id, row.function);
    try {
      const config = this.#configs.get(row.function, row.qualifier ?? undefined);
      if (this.#cloud.now() - row.accepted_at > config.maxAgeSeconds * 1000) this.#drop(row);
      else await this.#attempt(row, config.maxRetries);
    } catch (error) {
      this.#putOff(row, error);
    } finally {
      this.#running.delete(row.id);
    }
    this.#cloud.wake(TOPIC);
  }

  async #attempt(row: EventRow, maxRetries: number): Promise<void> {
    const { result } = await this.#invoker.invoke({
      reference: { name: row.function, qualifier: row.qualifier ?? undefined },
      payload: row.payload,
      requestId: row.request_id,
      traceId: row.trace_id ?? undefined,
      clientContext: row.client_context ?? undefined,
    });
    if (!result.failed || row.failures >= maxRetries) {
      this.#drop(row);
      return;
    }
    const delayMs = this.#retryDelaysMs[row.failures] ?? this.#retryDelaysMs.at(-1) ?? 0;
    this.#cloud.database.run(
      'UPDATE lambda_event SET failures = failures + 1, due_at = ? WHERE id = ?',
      this.#cloud.now() + delayMs,
      row.id,
    );
  }

  /** The function could not be started: throttled, or gone. */
  #putOff(row: EventRow, error: unknown): void {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') {
      this.#drop(row);
      return;
    }
    const delayMs = Math.min(THROTTLE_MS.first * 2 ** row.throttles, THROTTLE_MS.most);
    this.#cloud.database.run(
      'UPDATE lambda_event SET throttles = throttles + 1, due_at = ? WHERE id = ?',
      this.#cloud.now() + delayMs,
      row.id,
    );
  }

  #drop(row: EventRow): void {
    this.#cloud.database.run('DELETE FROM lambda_event WHERE id = ?', row.id);
  }
}
