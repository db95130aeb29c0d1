import type { Cloud } from '#local/kernel/cloud.ts';
import type { PolicyDocument } from '#local/kernel/service.ts';
import { AwsError } from '#local/kernel/aws-error.ts';
import {
  parseRedrivePolicy,
  type QueueAttributes,
  type RedrivePolicy,
} from './queue-attributes.ts';
import { missingParameter, noSuchQueue } from './sqs-error.ts';

/** A standard queue as it is now. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly attributes: QueueAttributes;
  readonly redrive: RedrivePolicy | undefined;
  readonly policy: PolicyDocument | undefined;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly modified: number;
  /** When PurgeQueue was last called. */
  readonly purged: number;
}

interface QueueRow {
  readonly name: string;
  readonly template: string;
  readonly attributes: string;
  readonly policy: string | null;
  readonly created: number;
  readonly modified: number;
  readonly purged: number;
}

/** The queues, by name. */
export class QueueStore {
  readonly #cloud: Cloud;
  readonly #cache = new Map<string, Queue>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS sqs_queues (
      name TEXT PRIMARY KEY, template TEXT NOT NULL, attributes TEXT NOT NULL,
      policy TEXT, policy_ref TEXT, created INTEGER NOT NULL, modified INTEGER NOT NULL,
      purged INTEGER NOT NULL DEFAULT 0)`);
  }

  find(name: string): Queue | undefined {
    const known = this.#cache.get(name);
    if (known) return known;
    const row = this.#cloud.database.get<QueueRow>('SELECT * FROM sqs_queues WHERE name = ?', name);
    if (!row) return undefined;
    const queue = this.#queue(row);
    this.#cache.set(name, queue);
    return queue;
  }

  /** @throws AwsError QueueDoesNotExist */
  named(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw noSuchQueue();
    return queue;
  }

  /**
   * The queue that a URL names. Only the path counts: the port changes from start to start.
   *
   * @throws AwsError QueueDoesNotExist, InvalidAddress or MissingParameter
   */
  byUrl(url: unknown): Queue {
    if (typeof url !== 'string' || url === '') throw missingParameter('QueueUrl');
    const path = /^(?:https?:\/\/[^/]+)?\/?(\d{12})\/([^/?#]+)$/.exec(url);
    if (!path) {
      throw new AwsError(
        'InvalidAddress',
        `The address ${url} is not valid for this endpoint.`,
        404,
      );
    }
    if (path[1] !== this.#cloud.account) throw noSuchQueue();
    return this.named(path[2] ?? '');
  }

  findByArn(arn: string): Queue | undefined {
    const name = arn.split(':').at(-1) ?? '';
    return arn === this.arn(name) ? this.find(name) : undefined;
  }

  all(): Queue[] {
    return this.#cloud.database
      .all<{ name: string }>('SELECT name FROM sqs_queues ORDER BY name')
      .map(({ name }) => this.named(name));
  }

  arn(name: string): string {
    return this.#cloud.arn('sqs', name);
  }

  url(name: string): string {
    return `${this.#cloud.endpoint}/${this.#cloud.account}/${name}`;
  }

  /** Makes the queue, or brings its attributes up to date where the template's have changed. */
  declare(name: string, attributes: QueueAttributes): void {
    const now = this.#cloud.now();
    const text = JSON.stringify(attributes);
    this.#cloud.database.run(
      `INSERT INTO sqs_queues (name, template, attributes, created, modified) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET template = excluded.template,
         attributes = excluded.attributes, modified = excluded.modified
       WHERE template <> excluded.template`,
      name,
      text,
      text,
      now,
      now,
    );
    this.#cache.delete(name);
  }

  setAttributes(name: string, attributes: QueueAttributes): void {
    this.#cloud.database.run(
      'UPDATE sqs_queues SET attributes = ?, modified = ? WHERE name = ?',
      JSON.stringify(attributes),
      this.#cloud.now(),
      name,
    );
    this.#cache.delete(name);
  }

  /** Puts one policy on exactly these queues. @param ref names the policy, so that it can go again */
  setPolicy(ref: string, names: readonly string[], policy: PolicyDocument | undefined): void {
    this.#cloud.database.transaction(() => {
      this.#cloud.database.run(
        'UPDATE sqs_queues SET policy = NULL, policy_ref = NULL WHERE policy_ref = ?',
        ref,
      );
      for (const name of names) {
        this.#cloud.database.run(
          'UPDATE sqs_queues SET policy = ?, policy_ref = ? WHERE name = ?',
          JSON.stringify(policy),
          ref,
          name,
        );
      }
    });
    this.#cache.clear();
  }

  markPurged(name: string): void {
    this.#cloud.database.run(
      'UPDATE sqs_queues SET purged = ? WHERE name = ?',
      this.#cloud.now(),
      name,
    );
    this.#cache.delete(name);
  }

  remove(name: string): void {
    this.#cloud.database.run('DELETE FROM sqs_queues WHERE name = ?', name);
    this.#cache.delete(name);
  }

  #queue(row: QueueRow): Queue {
    const attributes = JSON.parse(row.attributes) as QueueAttributes;
    return {
      name: row.name,
      arn: this.arn(row.name),
      attributes,
      redrive:
        attributes.RedrivePolicy === undefined
          ? undefined
          : parseRedrivePolicy(attributes.RedrivePolicy),
      policy: row.policy === null ? undefined : (JSON.parse(row.policy) as PolicyDocument),
      created: row.created,
      modified: row.modified,
      purged: row.purged,
    };
  }
}

/** One of the whole-number attributes. */
export const numberOf = (
  queue: Queue,
  name:
    | 'DelaySeconds'
    | 'MaximumMessageSize'
    | 'MessageRetentionPeriod'
    | 'ReceiveMessageWaitTimeSeconds'
    | 'VisibilityTimeout',
): number => Number(queue.attributes[name]);
