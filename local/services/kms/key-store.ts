import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { PolicyDocument } from '#local/kernel/service.ts';

export type KeySpec = 'SYMMETRIC_DEFAULT' | 'ECC_NIST_P256';

/** A KMS key with its material. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly spec: KeySpec;
  /** 32 bytes of an AES key, or a private key as PKCS #8. */
  readonly material: Buffer;
  readonly description: string;
  readonly enabled: boolean;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** When a key that is pending deletion will be gone, in milliseconds since the epoch. */
  readonly deletion: number | undefined;
}

interface KeyRow {
  readonly id: string;
  readonly spec: KeySpec;
  readonly material: Uint8Array;
  readonly policy: string;
  readonly description: string;
  readonly enabled: number;
  readonly created: number;
  readonly deletion: number | null;
}

/** What a template says of a key. */
export interface KeySettings {
  readonly spec: KeySpec;
  readonly policy: PolicyDocument;
  readonly description: string;
  readonly enabled: boolean;
  /** How long a key that the template no longer has can still be rescued, in days. */
  readonly pendingDays: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The keys and aliases of the account, in SQLite with their material. */
export class KeyStore {
  readonly #cloud: Cloud;
  /** By their text, so that the judge finds them compiled. */
  readonly #policies = new Map<string, PolicyDocument>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS kms_keys (
      id TEXT PRIMARY KEY, name TEXT UNIQUE, spec TEXT NOT NULL, material BLOB NOT NULL,
      policy TEXT NOT NULL, description TEXT NOT NULL, enabled INTEGER NOT NULL,
      pending_days INTEGER NOT NULL, created INTEGER NOT NULL, deletion INTEGER);
      CREATE TABLE IF NOT EXISTS kms_aliases (name TEXT PRIMARY KEY, key_id TEXT NOT NULL)`);
  }

  /**
   * Makes the template's key of that name, or brings it up to date. A changed key spec makes another
   * key, as CloudFormation does; the former one stays and answers to its id.
   *
   * @returns its id
   */
  put(name: string, settings: KeySettings): string {
    const { database } = this.#cloud;
    const { spec, policy, description, enabled, pendingDays } = settings;
    return database.transaction(() => {
      database.run('UPDATE kms_keys SET name = NULL WHERE name = ? AND spec <> ?', name, spec);
      const { id } = database.get<{ id: string }>(
        `INSERT INTO kms_keys (id, name, spec, material, policy, description, enabled, pending_days, created)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET policy = excluded.policy, enabled = excluded.enabled,
           description = excluded.description, pending_days = excluded.pending_days
         RETURNING id`,
        randomUUID(),
        name,
        spec,
        newMaterial(spec),
        JSON.stringify(policy),
        description,
        enabled ? 1 : 0,
        pendingDays,
        this.#cloud.now(),
      ) as { id: string };
      return id;
    });
  }

  /** Lets a key wait for its deletion; nothing can use it any more. */
  scheduleDeletion(id: string): void {
    this.#cloud.database.run(
      'UPDATE kms_keys SET name = NULL, deletion = ? + pending_days * ? WHERE id = ?',
      this.#cloud.now(),
      DAY_MS,
      id,
    );
  }

  putAlias(name: string, keyId: string): void {
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO kms_aliases (name, key_id) VALUES (?, ?)',
      name,
      keyId,
    );
  }

  removeAlias(name: string): void {
    this.#cloud.database.run('DELETE FROM kms_aliases WHERE name = ?', name);
  }

  aliasesOf(keyId: string): readonly string[] {
    return this.#cloud.database
      .all<{ name: string }>('SELECT name FROM kms_aliases WHERE key_id = ? ORDER BY name', keyId)
      .map(({ name }) => name);
  }

  /**
   * The key that a request names by its id, its ARN, an alias or the ARN of an alias.
   *
   * @throws AwsError `NotFoundException`
   */
  named(reference: string): Key {
    const short = reference.startsWith('arn:') ? this.#ownPart(reference) : reference;
    if (short.startsWith('alias/')) return this.#byAlias(short);
    const id = reference.startsWith('arn:') ? short.replace(/^key\//, '') : short;
    if (!UUID.test(id)) throw notFound(`Invalid keyId '${reference}'`);
    const key = this.byId(id);
    if (!key) throw notFound(`Key '${this.#cloud.arn('kms', `key/${id}`)}' does not exist`);
    return key;
  }

  byId(id: string): Key | undefined {
    const row = this.#row(id);
    return (
      row && {
        id,
        arn: this.#cloud.arn('kms', `key/${id}`),
        spec: row.spec,
        material: Buffer.from(row.material),
        description: row.description,
        enabled: row.enabled === 1,
        created: row.created,
        deletion: row.deletion ?? undefined,
      }
    );
  }

  /** The key policy of a key's ARN. */
  policy(arn: string): PolicyDocument | undefined {
    const text = this.#row(arn.split(':key/')[1] ?? '')?.policy;
    if (text === undefined) return undefined;
    let policy = this.#policies.get(text);
    if (!policy) {
      policy = JSON.parse(text) as PolicyDocument;
      this.#policies.set(text, policy);
    }
    return policy;
  }

  #row(id: string): KeyRow | undefined {
    const row = this.#cloud.database.get<KeyRow>('SELECT * FROM kms_keys WHERE id = ?', id);
    return row && (row.deletion === null || row.deletion > this.#cloud.now()) ? row : undefined;
  }

  #byAlias(name: string): Key {
    const row = this.#cloud.database.get<{ key_id: string }>(
      'SELECT key_id FROM kms_aliases WHERE name = ?',
      name,
    );
    const key = row && this.byId(row.key_id);
    if (!key) throw notFound(`Alias ${this.#cloud.arn('kms', name)} is not found.`);
    return key;
  }

  /** `key/…` or `alias/…` of an ARN in this account and region. */
  #ownPart(arn: string): string {
    const prefix = this.#cloud.arn('kms', '');
    if (!arn.startsWith(prefix)) throw notFound(`Invalid arn ${arn}`);
    return arn.slice(prefix.length);
  }
}

function newMaterial(spec: KeySpec): Buffer {
  if (spec === 'SYMMETRIC_DEFAULT') return randomBytes(32);
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
    publicKeyEncoding: { format: 'der', type: 'spki' },
  }).privateKey;
}

const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);
