import { randomUUID } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';
import { MessageTimer } from './message-timer.ts';
import { receiptHandle, type Receipt } from './receipt-handle.ts';
import { topicOf } from './topic.ts';

/** A message as it lies in a queue. Times are milliseconds since the epoch. */
export interface MessageRow {
  readonly seq: number;
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  /** Message attributes as JSON; null when there are none. */
  readonly attributes: string | null;
  readonly trace: string | null;
  /** Empty for a message without a MessageGroupId. */
  readonly group_key: string;
  readonly sender: string;
  readonly sent_at: number;
  /** 1 while delayed or in flight. */
  readonly hidden: number;
  readonly visible_at: number;
  /** The token of the last receipt; null before the first. */
  readonly receipt: string | null;
  readonly received_at: number;
  readonly receive_count: number;
  readonly first_received: number | null;
  /** The ARN of the queue from which it was redriven here. */
  readonly dead_source: string | null;
}

export interface NewMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: string | null;
  readonly trace: string | null;
  readonly group: string;
  readonly sender: string;
  /** Milliseconds until it becomes visible. */
  readonly delayMs: number;
}

/** The session name under which event source mappings poll; what it holds is let go after a crash. */
const OWN_POLLER = 'event-source-mapping';

/** The messages of all queues, and the one timer that makes hidden ones visible again. */
export class MessageStore {
  readonly #cloud: Cloud;
  readonly #timer: MessageTimer;
  readonly #madeAt: number;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#madeAt = cloud.now();
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS sqs_messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL,
        body TEXT NOT NULL, attributes TEXT, trace TEXT, group_key TEXT NOT NULL,
        sender TEXT NOT NULL, sent_at INTEGER NOT NULL, hidden INTEGER NOT NULL,
        visible_at INTEGER NOT NULL, receipt TEXT, holder TEXT NOT NULL DEFAULT '',
        received_at INTEGER NOT NULL DEFAULT 0, receive_count INTEGER NOT NULL DEFAULT 0,
        first_received INTEGER, dead_source TEXT);
      CREATE INDEX IF NOT EXISTS sqs_ready ON sqs_messages (queue, group_key, seq) WHERE hidden = 0;
      CREATE INDEX IF NOT EXISTS sqs_hidden ON sqs_messages (visible_at) WHERE hidden = 1;
      CREATE INDEX IF NOT EXISTS sqs_in_flight ON sqs_messages (queue, group_key)
        WHERE hidden = 1 AND receipt IS NOT NULL;
      CREATE INDEX IF NOT EXISTS sqs_age ON sqs_messages (queue, sent_at);`);
    this.#timer = new MessageTimer(cloud);
  }

  /** Lets go what the pollers of an earlier generation held, and sets the timer. */
  start(): void {
    this.#cloud.database.run(
      "UPDATE sqs_messages SET hidden = 0, visible_at = 0, holder = '' WHERE hidden = 1 AND holder = ? AND received_at < ?",
      OWN_POLLER,
      this.#madeAt,
    );
    this.#timer.start();
  }

  stop(): void {
    this.#timer.stop();
  }

  insert(queue: string, message: NewMessage): void {
    const now = this.#cloud.now();
    const hidden = message.delayMs > 0;
    this.#cloud.database.run(
      `INSERT INTO sqs_messages (queue, id, body, attributes, trace, group_key, sender, sent_at, hidden, visible_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      queue,
      message.id,
      message.body,
      message.attributes,
      message.trace,
      message.group,
      message.sender,
      now,
      hidden ? 1 : 0,
      now + message.delayMs,
    );
    if (hidden) this.#timer.notLaterThan(now + message.delayMs);
    else this.wake(queue);
  }

  /** Whoever waits for messages of this queue looks again. */
  wake(queue: string): void {
    this.#cloud.wake(topicOf(this.#cloud, queue));
  }

  /** Drops what is past its retention and shows what is due. @param retentionMs of this queue */
  tidy(queue: string, retentionMs: number): void {
    const now = this.#cloud.now();
    this.#timer.showDue();
    this.#cloud.database.run(
      'DELETE FROM sqs_messages WHERE queue = ? AND sent_at <= ?',
      queue,
      now - retentionMs,
    );
  }

  at(seq: number): MessageRow | undefined {
    return this.#cloud.database.get<MessageRow>('SELECT * FROM sqs_messages WHERE seq = ?', seq);
  }

  /** Notes a receipt and hides the message. @returns the receipt handle */
  receive(row: MessageRow, visibilityMs: number, holder: string): string {
    const now = this.#cloud.now();
    const token = randomUUID();
    this.#cloud.database.run(
      `UPDATE sqs_messages SET hidden = ?, visible_at = ?, receipt = ?, holder = ?, received_at = ?,
         receive_count = receive_count + 1, first_received = COALESCE(first_received, ?) WHERE seq = ?`,
      visibilityMs > 0 ? 1 : 0,
      now + visibilityMs,
      token,
      holder,
      now,
      now,
      row.seq,
    );
    if (visibilityMs > 0) this.#timer.notLaterThan(now + visibilityMs);
    return receiptHandle(row.queue, { seq: row.seq, token });
  }

  /** Deletes by the latest receipt; an older one deletes nothing, as on a standard queue. */
  remove(queue: string, { seq, token }: Receipt): void {
    this.#cloud.database.run(
      'DELETE FROM sqs_messages WHERE seq = ? AND queue = ? AND receipt = ?',
      seq,
      queue,
      token,
    );
  }

  hideFor(row: MessageRow, milliseconds: number): void {
    const until = this.#cloud.now() + milliseconds;
    this.#cloud.database.run(
      'UPDATE sqs_messages SET hidden = ?, visible_at = ? WHERE seq = ?',
      milliseconds > 0 ? 1 : 0,
      until,
      row.seq,
    );
    if (milliseconds > 0) this.#timer.notLaterThan(until);
    else this.wake(row.queue);
  }

  /** Moves a message that was received too often; it keeps its id, age and receive count. */
  bury(row: MessageRow, deadLetterQueue: string, sourceArn: string): void {
    this.#cloud.database.run(
      `UPDATE sqs_messages SET queue = ?, hidden = 0, visible_at = 0, receipt = NULL, holder = '',
         dead_source = ? WHERE seq = ?`,
      deadLetterQueue,
      sourceArn,
      row.seq,
    );
    this.wake(deadLetterQueue);
  }

  /** Moves a message back by a move task: it becomes a new one, with a new id and age. */
  revive(row: MessageRow, queue: string): void {
    this.#cloud.database.run('DELETE FROM sqs_messages WHERE seq = ?', row.seq);
    this.insert(queue, {
      id: randomUUID(),
      body: row.body,
      attributes: row.attributes,
      trace: row.trace,
      group: row.group_key,
      sender: row.sender,
      delayMs: 0,
    });
  }

  /** The oldest visible messages, whatever their group. */
  oldest(queue: string, limit: number): MessageRow[] {
    return this.#cloud.database.all<MessageRow>(
      'SELECT * FROM sqs_messages WHERE queue = ? AND hidden = 0 ORDER BY seq LIMIT ?',
      queue,
      limit,
    );
  }

  purge(queue: string): void {
    this.#cloud.database.run('DELETE FROM sqs_messages WHERE queue = ?', queue);
  }

  counts(queue: string): {
    readonly ready: number;
    readonly inFlight: number;
    readonly delayed: number;
  } {
    return this.#cloud.database.get(
      `SELECT COUNT(*) FILTER (WHERE hidden = 0) AS ready,
         COUNT(*) FILTER (WHERE hidden = 1 AND receipt IS NOT NULL) AS inFlight,
         COUNT(*) FILTER (WHERE hidden = 1 AND receipt IS NULL) AS delayed
       FROM sqs_messages WHERE queue = ?`,
      queue,
    ) as { ready: number; inFlight: number; delayed: number };
  }
}
