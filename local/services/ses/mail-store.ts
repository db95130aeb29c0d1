import type { Cloud } from '#local/kernel/cloud.ts';

/** A mail as it was sent. */
export interface SentMail {
  /** The message id that SES answered. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The sender as the mail's header has it. */
  readonly source: string;
  /** The identity that vouched for the sender. */
  readonly identity: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  /** The whole mail as it travels; without blind copies. */
  readonly mime: Buffer;
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly configurationSet: string | undefined;
  readonly delivered: boolean;
}

interface MailRow {
  readonly id: string;
  readonly at: number;
  readonly mime: Uint8Array;
  readonly envelope: string;
  readonly delivered: number;
}

type Envelope = Omit<SentMail, 'id' | 'at' | 'mime' | 'delivered'>;

/** The mails that were sent, the newest first. SES itself keeps none: this is the mailbox's. */
export class MailStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS ses_mails (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
        mime BLOB NOT NULL, envelope TEXT NOT NULL, delivered INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS ses_undelivered ON ses_mails (seq) WHERE delivered = 0;`);
  }

  add({ id, at, mime, delivered, ...envelope }: SentMail): void {
    this.#cloud.database.run(
      'INSERT INTO ses_mails (id, at, mime, envelope, delivered) VALUES (?, ?, ?, ?, ?)',
      id,
      at,
      mime,
      JSON.stringify(envelope),
      delivered ? 1 : 0,
    );
  }

  find(id: string): SentMail | undefined {
    const row = this.#cloud.database.get<MailRow>('SELECT * FROM ses_mails WHERE id = ?', id);
    return row && mailOf(row);
  }

  newest(limit: number): SentMail[] {
    return this.#cloud.database
      .all<MailRow>('SELECT * FROM ses_mails ORDER BY seq DESC LIMIT ?', limit)
      .map(mailOf);
  }

  undelivered(): SentMail[] {
    return this.#cloud.database
      .all<MailRow>('SELECT * FROM ses_mails WHERE delivered = 0 ORDER BY seq')
      .map(mailOf);
  }

  markDelivered(id: string): void {
    this.#cloud.database.run('UPDATE ses_mails SET delivered = 1 WHERE id = ?', id);
  }
}

const mailOf = (row: MailRow): SentMail => ({
  ...(JSON.parse(row.envelope) as Envelope),
  id: row.id,
  at: row.at,
  mime: Buffer.from(row.mime),
  delivered: row.delivered === 1,
});
