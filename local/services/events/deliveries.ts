import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Envelope } from './envelope.ts';
import type { Rule, RuleStore } from './rule-store.ts';
import { sendToQueue, sendToTarget } from './send-to-target.ts';
import type { Target } from './target.ts';

interface DeliveryRow {
  readonly seq: number;
  readonly rule: string;
  readonly target: string;
  readonly event: string;
  readonly accepted: number;
  readonly attempts: number;
}

/** EventBridge does not say how it backs off; this doubles from a second to five minutes. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
const AT_ONCE = 64;
const TOPIC = 'events:deliveries';

/**
 * What has been accepted and not yet taken by its target: one row for each event, rule and target.
 * A target may get an event twice when the process dies between its answer and the row's end.
 */
export class Deliveries {
  readonly #cloud: Cloud;
  readonly #rules: RuleStore;
  readonly #underWay = new Map<number, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(cloud: Cloud, rules: RuleStore) {
    this.#cloud = cloud;
    this.#rules = rules;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS events_deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, target TEXT NOT NULL,
        event TEXT NOT NULL, accepted INTEGER NOT NULL, attempts INTEGER NOT NULL,
        next_at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS events_due ON events_deliveries (next_at, seq);`);
  }

  /** Writes down an event for the targets of a rule; joins the caller's transaction. */
  add(rule: Rule, event: Envelope): void {
    const now = this.#cloud.now();
    const text = JSON.stringify(event);
    for (const target of rule.targets) {
      for (const delay of this.#cloud.faults.deliveries()) {
        this.#cloud.database.run(
          'INSERT INTO events_deliveries (rule, target, event, accepted, attempts, next_at) VALUES (?, ?, ?, ?, 0, ?)',
          rule.arn,
          target.id,
          text,
          now,
          now + delay,
        );
      }
    }
    this.#cloud.wake(TOPIC);
  }

  start(): void {
    this.#unsubscribe = this.#cloud.onWake(TOPIC, () => this.#sendDue());
    this.#cloud.wake(TOPIC);
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    clearTimeout(this.#timer);
    await Promise.all(this.#underWay.values());
  }

  #sendDue(): void {
    if (!this.#unsubscribe) return;
    clearTimeout(this.#timer);
    const rows = this.#cloud.database.all<DeliveryRow & { next_at: number }>(
      'SELECT * FROM events_deliveries ORDER BY next_at, seq LIMIT ?',
      AT_ONCE + this.#underWay.size,
    );
    for (const row of rows) {
      if (this.#underWay.size >= AT_ONCE) return;
      if (this.#underWay.has(row.seq)) continue;
      const wait = row.next_at - this.#cloud.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#sendDue(), wait).unref();
        return;
      }
      this.#underWay.set(
        row.seq,
        Promise.resolve().then(() => this.#send(row)),
      );
    }
  }

  async #send(row: DeliveryRow): Promise<void> {
    const rule = this.#rules.find(row.rule);
    const target = rule?.targets.find(({ id }) => id === row.target);
    const event = JSON.parse(row.event) as Envelope;
    try {
      if (rule && target) await sendToTarget(this.#cloud, rule, target, event);
      this.#end(row);
    } catch (error) {
      if (rule && target) await this.#afterFailure(row, rule, target, asAwsError(error));
    } finally {
      this.#underWay.delete(row.seq);
      this.#cloud.wake(TOPIC);
    }
  }

  async #afterFailure(
    row: DeliveryRow,
    rule: Rule,
    target: Target,
    error: AwsError,
  ): Promise<void> {
    const tooOld = this.#cloud.now() - row.accepted > target.maximumAgeSeconds * 1000;
    const tooOften = row.attempts >= target.retries;
    if (isPassing(error) && !tooOld && !tooOften) return this.#putOff(row);
    const exhausted = tooOld ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts';
    await this.#bury(row, rule, target, error, isPassing(error) ? exhausted : undefined);
    this.#end(row);
  }

  #putOff(row: DeliveryRow): void {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** row.attempts, LONGEST_PAUSE_MS);
    this.#cloud.database.run(
      'UPDATE events_deliveries SET attempts = attempts + 1, next_at = ? WHERE seq = ?',
      this.#cloud.now() + pause,
      row.seq,
    );
  }

  /** Sends what cannot be delivered to the target's dead-letter queue, or says that it is lost. */
  async #bury(
    row: DeliveryRow,
    rule: Rule,
    target: Target,
    error: AwsError,
    exhausted: string | undefined,
  ): Promise<void> {
    const lost = `event lost: ${rule.arn} to ${target.arn}: ${error.code}: ${error.message}`;
    if (target.deadLetterArn === undefined) {
      console.error(lost);
      return;
    }
    const notes: Record<string, string> = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: error.code,
      ERROR_MESSAGE: error.message,
      ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
      RETRY_ATTEMPTS: String(row.attempts),
    };
    const attributes = Object.entries(notes).map(([name, StringValue]) => [
      name,
      { DataType: 'String', StringValue },
    ]);
    const principal = {
      kind: 'service',
      service: 'events.amazonaws.com',
      sourceArn: rule.arn,
    } as const;
    await sendToQueue(this.#cloud, target.deadLetterArn, principal, {
      MessageBody: row.event,
      MessageAttributes: Object.fromEntries(attributes) as unknown,
    }).catch((fault: unknown) => console.error(lost, fault));
  }

  #end(row: DeliveryRow): void {
    this.#cloud.database.run('DELETE FROM events_deliveries WHERE seq = ?', row.seq);
  }
}

/** A failure that may pass by itself; permissions and missing resources do not. */
const isPassing = (error: AwsError): boolean =>
  error.status >= 500 || /Throttl|TooManyRequests|LimitExceeded/.test(error.code);

const asAwsError = (error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError('INTERNAL_ERROR', error instanceof Error ? error.message : String(error), 500);
