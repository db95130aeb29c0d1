import type { Cloud } from '#local/kernel/cloud.ts';
import type { PolicyDocument } from '#local/kernel/service.ts';
import { accessDenied, noSuchBucket } from '../s3-errors.ts';
import type { BucketDefinition } from './bucket-definition.ts';

/** A bucket that exists. */
export interface Bucket extends BucketDefinition {
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

interface Row {
  readonly name: string;
  readonly created_at: number;
  readonly definition: string;
  readonly policy: string | null;
}

/** The account's buckets and their policies, kept in SQLite and in memory. */
export class Buckets {
  readonly #cloud: Cloud;
  readonly #byName = new Map<string, Bucket>();
  readonly #policies = new Map<string, PolicyDocument>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS s3_buckets (
      name TEXT PRIMARY KEY, created_at INTEGER NOT NULL, definition TEXT NOT NULL, policy TEXT)`);
    for (const row of cloud.database.all<Row>('SELECT * FROM s3_buckets')) {
      this.#keep(JSON.parse(row.definition) as BucketDefinition, row.created_at);
      if (row.policy) this.#policies.set(row.name, JSON.parse(row.policy) as PolicyDocument);
    }
  }

  /** In order of name. */
  get all(): Bucket[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Bucket | undefined {
    return this.#byName.get(name);
  }

  /**
   * @param expectedOwner the request's ExpectedBucketOwner
   * @throws AwsError NoSuchBucket, or AccessDenied when the bucket belongs to another account
   */
  require(name: string, expectedOwner?: string): Bucket {
    const bucket = this.#byName.get(name);
    if (!bucket) throw noSuchBucket(name);
    if (expectedOwner !== undefined && expectedOwner !== this.#cloud.account) throw accessDenied();
    return bucket;
  }

  save(definition: BucketDefinition): Bucket {
    this.#cloud.database.run(
      `INSERT INTO s3_buckets (name, created_at, definition) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET definition = excluded.definition`,
      definition.name,
      this.#cloud.now(),
      JSON.stringify(definition),
    );
    const row = this.#cloud.database.get<Row>(
      'SELECT * FROM s3_buckets WHERE name = ?',
      definition.name,
    );
    return this.#keep(definition, (row as Row).created_at);
  }

  forget(name: string): void {
    this.#cloud.database.run('DELETE FROM s3_buckets WHERE name = ?', name);
    this.#byName.delete(name);
    this.#policies.delete(name);
  }

  policy(name: string): PolicyDocument | undefined {
    return this.#policies.get(name);
  }

  setPolicy(name: string, policy: PolicyDocument | undefined): void {
    this.#cloud.database.run(
      'UPDATE s3_buckets SET policy = ? WHERE name = ?',
      policy ? JSON.stringify(policy) : null,
      name,
    );
    if (policy) this.#policies.set(name, policy);
    else this.#policies.delete(name);
  }

  #keep(definition: BucketDefinition, createdAt: number): Bucket {
    const bucket = { ...definition, createdAt, arn: `arn:aws:s3:::${definition.name}` };
    this.#byName.set(bucket.name, bucket);
    return bucket;
  }
}
