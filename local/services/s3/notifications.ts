import type { Cloud } from '#local/kernel/cloud.ts';
import type { Destination } from './buckets/bucket-definition.ts';
import type { Bucket } from './buckets/buckets.ts';
import type { ObjectRecord } from './objects/object-record.ts';
import { NULL_VERSION } from './objects/object-store.ts';

/** Something that happened to an object. */
export interface ObjectEvent {
  readonly bucket: Bucket;
  readonly object: ObjectRecord;
  /** Such as `ObjectCreated:Put`. */
  readonly name: string;
  /** Such as `PutObject`: EventBridge's `reason`. */
  readonly reason: string;
  readonly requestId: string;
  /** EventBridge's `deletion-type`. */
  readonly deletionType?: string;
}

/** How long a failed delivery waits for the next attempt, in milliseconds. */
const RETRY_MS = 1000;
const MAX_ATTEMPTS = 20;
const TOPIC = 's3:notifications';

interface Row {
  readonly id: number;
  readonly bucket: string;
  readonly service: 'sqs' | 'lambda';
  readonly arn: string;
  readonly payload: string;
  readonly attempts: number;
}

/**
 * Tells EventBridge, queues and functions of what happens in buckets. What is to be delivered is
 * stored in the transaction of the change and delivered afterwards, at least once.
 */
export class Notifications {
  readonly #cloud: Cloud;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;
  #delivering = false;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS s3_notifications (
      id INTEGER PRIMARY KEY AUTOINCREMENT, due_at INTEGER NOT NULL, bucket TEXT NOT NULL,
      service TEXT NOT NULL, arn TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL)`);
  }

  publish(event: ObjectEvent): void {
    const { bucket, object } = event;
    if (bucket.eventBridge) this.#toEventBridge(event);
    for (const destination of bucket.destinations) {
      if (!concerns(destination, event)) continue;
      const payload = JSON.stringify({ Records: [this.#record(event, destination)] });
      for (const delay of this.#cloud.faults.deliveries()) {
        this.#cloud.database.run(
          `INSERT INTO s3_notifications (due_at, bucket, service, arn, payload, attempts)
           VALUES (?, ?, ?, ?, ?, 0)`,
          this.#cloud.now() + delay,
          object.bucket,
          destination.service,
          destination.arn,
          payload,
        );
      }
      this.#cloud.wake(TOPIC);
    }
  }

  start(): void {
    this.#unsubscribe = this.#cloud.onWake(TOPIC, () => void this.#deliver());
    this.#cloud.wake(TOPIC);
  }

  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #toEventBridge({ bucket, object, name, reason, requestId, deletionType }: ObjectEvent): void {
    const created = name.startsWith('ObjectCreated');
    this.#cloud.publishEvent({
      source: 'aws.s3',
      detailType: created ? 'Object Created' : 'Object Deleted',
      resources: [bucket.arn],
      detail: {
        version: '0',
        bucket: { name: bucket.name },
        object: {
          key: object.key,
          ...(created && { size: object.size }),
          ...(object.etag && { etag: object.etag }),
          ...(object.versionId !== NULL_VERSION && { 'version-id': object.versionId }),
          sequencer: sequencer(object),
        },
        'request-id': requestId,
        requester: this.#cloud.account,
        'source-ip-address': '127.0.0.1',
        reason,
        ...(deletionType && { 'deletion-type': deletionType }),
      },
    });
  }

  /** One record of the message that queues and functions get, version 2.1. */
  #record({ bucket, object, name, requestId }: ObjectEvent, destination: Destination): object {
    const owner = { principalId: this.#cloud.account };
    return {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: this.#cloud.region,
      eventTime: new Date(this.#cloud.now()).toISOString(),
      eventName: name,
      userIdentity: owner,
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: destination.id,
        bucket: { name: bucket.name, ownerIdentity: owner, arn: bucket.arn },
        object: {
          key: encodeURIComponent(object.key).replaceAll('%2F', '/').replaceAll('%20', '+'),
          ...(name.startsWith('ObjectCreated') && { size: object.size, eTag: object.etag }),
          ...(object.versionId !== NULL_VERSION && { versionId: object.versionId }),
          sequencer: sequencer(object),
        },
      },
    };
  }

  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (;;) {
        const rows = this.#cloud.database.all<Row>(
          'SELECT * FROM s3_notifications WHERE due_at <= ? ORDER BY due_at, id LIMIT 20',
          this.#cloud.now(),
        );
        if (rows.length === 0) break;
        for (const row of rows) await this.#send(row);
      }
    } finally {
      this.#delivering = false;
    }
    this.#waitForNext();
  }

  async #send(row: Row): Promise<void> {
    const { database, account, endpoint } = this.#cloud;
    const name = row.arn.split(':').at(-1) ?? '';
    try {
      await this.#cloud.call({
        service: row.service,
        action: row.service === 'sqs' ? 'SendMessage' : 'Invoke',
        input:
          row.service === 'sqs'
            ? { QueueUrl: `${endpoint}/${account}/${name}`, MessageBody: row.payload }
            : { FunctionName: row.arn, InvocationType: 'Event', Payload: row.payload },
        principal: {
          kind: 'service',
          service: 's3.amazonaws.com',
          sourceArn: `arn:aws:s3:::${row.bucket}`,
        },
      });
      database.run('DELETE FROM s3_notifications WHERE id = ?', row.id);
    } catch (error) {
      console.error(`S3 could not notify ${row.arn}`, error);
      if (row.attempts + 1 >= MAX_ATTEMPTS) {
        database.run('DELETE FROM s3_notifications WHERE id = ?', row.id);
      } else {
        database.run(
          'UPDATE s3_notifications SET attempts = attempts + 1, due_at = ? WHERE id = ?',
          this.#cloud.now() + RETRY_MS * 2 ** Math.min(row.attempts, 6),
          row.id,
        );
      }
    }
  }

  #waitForNext(): void {
    const next = this.#cloud.database.get<{ at: number | null }>(
      'SELECT MIN(due_at) AS at FROM s3_notifications',
    );
    clearTimeout(this.#timer);
    if (next?.at == null) return;
    const delay = Math.max(1, next.at - this.#cloud.now());
    this.#timer = setTimeout(() => void this.#deliver(), delay).unref();
  }
}

/** Orders events of one key: hexadecimal of one length. */
const sequencer = (object: ObjectRecord): string =>
  object.seq.toString(16).toUpperCase().padStart(18, '0');

function concerns(destination: Destination, { name, object }: ObjectEvent): boolean {
  const matches = destination.events.some((pattern) => {
    const wanted = pattern.replace(/^s3:/, '');
    return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
  });
  return (
    matches && object.key.startsWith(destination.prefix) && object.key.endsWith(destination.suffix)
  );
}
