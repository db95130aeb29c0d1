import type { Cloud } from '#local/kernel/cloud.ts';
import { parseSchedule } from './schedule-expression.ts';

interface ScheduleRow {
  readonly rule: string;
  readonly expression: string;
  readonly anchor: number;
  readonly next_at: number | null;
}

/** Node's longest timer is below 25 days; a longer wait is cut into pieces. */
const LONGEST_TIMER_MS = 86_400_000;

/**
 * The next firing of each scheduled rule, kept in the store. What was missed while the cloud was
 * down is not made up, except for the latest one.
 */
export class Schedules {
  readonly #cloud: Cloud;
  readonly #fire: (rule: string, time: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  /** @param fire is called in the transaction that sets the next time */
  constructor(cloud: Cloud, fire: (rule: string, time: number) => void) {
    this.#cloud = cloud;
    this.#fire = fire;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS events_schedules (
      rule TEXT PRIMARY KEY, expression TEXT NOT NULL, anchor INTEGER NOT NULL, next_at INTEGER)`);
  }

  /** Schedules a rule; the same expression as before keeps its next time. @param rule its ARN */
  set(rule: string, expression: string): void {
    const anchor = this.#cloud.now();
    const next = parseSchedule(expression, anchor).next(anchor) ?? null;
    this.#cloud.database.run(
      `INSERT INTO events_schedules VALUES (?, ?, ?, ?) ON CONFLICT (rule) DO UPDATE
         SET expression = excluded.expression, anchor = excluded.anchor, next_at = excluded.next_at
       WHERE expression <> excluded.expression`,
      rule,
      expression,
      anchor,
      next,
    );
    if (this.#running) this.#setTimer();
  }

  clear(rule: string): void {
    this.#cloud.database.run('DELETE FROM events_schedules WHERE rule = ?', rule);
  }

  start(): void {
    this.#running = true;
    this.fireDue();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Fires each rule whose time has come, once, for the latest of its missed times. */
  fireDue(): void {
    const now = this.#cloud.now();
    const due = this.#cloud.database.all<ScheduleRow>(
      'SELECT * FROM events_schedules WHERE next_at <= ?',
      now,
    );
    for (const row of due) this.#cloud.database.transaction(() => this.#fireLatest(row, now));
    if (this.#running) this.#setTimer();
  }

  #fireLatest({ rule, expression, anchor, next_at }: ScheduleRow, now: number): void {
    const schedule = parseSchedule(expression, anchor);
    let latest = next_at ?? now;
    let next = schedule.next(latest);
    while (next !== undefined && next <= now) {
      latest = next;
      next = schedule.next(latest);
    }
    this.#cloud.database.run(
      'UPDATE events_schedules SET next_at = ? WHERE rule = ?',
      next ?? null,
      rule,
    );
    this.#fire(rule, latest);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const row = this.#cloud.database.get<{ at: number | null }>(
      'SELECT MIN(next_at) AS at FROM events_schedules',
    );
    if (row?.at === null || row?.at === undefined) return;
    const wait = Math.min(Math.max(0, row.at - this.#cloud.now()), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.fireDue(), wait).unref();
  }
}
