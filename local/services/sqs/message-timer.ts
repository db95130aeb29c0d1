import type { Cloud } from '#local/kernel/cloud.ts';
import { topicOf } from './topic.ts';

/** One timer for the earliest moment at which any hidden message becomes visible. */
export class MessageTimer {
  readonly #cloud: Cloud;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #stopped = false;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  start(): void {
    this.#stopped = false;
    this.showDue();
    this.#setForEarliest();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Says that a message becomes visible then. @param time milliseconds since the epoch */
  notLaterThan(time: number): void {
    if (time >= this.#due || this.#stopped) return;
    this.#due = time;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, time - this.#cloud.now())).unref();
  }

  /** Makes visible what is due, and wakes whoever waits for it. */
  showDue(): void {
    const shown = this.#cloud.database.all<{ queue: string }>(
      'UPDATE sqs_messages SET hidden = 0 WHERE hidden = 1 AND visible_at <= ? RETURNING queue',
      this.#cloud.now(),
    );
    for (const queue of new Set(shown.map((row) => row.queue))) {
      this.#cloud.wake(topicOf(this.#cloud, queue));
    }
  }

  #ring(): void {
    if (this.#stopped) return;
    this.showDue();
    this.#setForEarliest();
  }

  #setForEarliest(): void {
    this.#due = Infinity;
    const { earliest } = this.#cloud.database.get<{ earliest: number | null }>(
      'SELECT MIN(visible_at) AS earliest FROM sqs_messages WHERE hidden = 1',
    ) ?? { earliest: null };
    if (earliest !== null) this.notLaterThan(earliest);
  }
}
