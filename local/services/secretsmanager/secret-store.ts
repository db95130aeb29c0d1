import { randomBytes } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';

/** A secret without its values. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string;
  /** ARN of the KMS key that guards it; undefined for the account's own. */
  readonly kmsKeyArn: string | undefined;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly changed: number;
}

/** A value: text, or bytes in base64. */
export interface SecretValue {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
}

export interface Version {
  readonly id: string;
  readonly stages: readonly string[];
  readonly value: SecretValue;
  readonly created: number;
}

interface SecretRow {
  readonly arn: string;
  readonly name: string;
  readonly template: string | null;
  readonly description: string;
  readonly kms_key: string | null;
  readonly created: number;
  readonly changed: number;
}

interface VersionRow {
  readonly id: string;
  readonly stages: string;
  readonly value: string;
  readonly created: number;
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The secrets of the account and all versions of their values. */
export class SecretStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS secretsmanager_secrets (
      arn TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, template TEXT, description TEXT NOT NULL,
      kms_key TEXT, created INTEGER NOT NULL, changed INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS secretsmanager_versions (
      arn TEXT NOT NULL, id TEXT NOT NULL, stages TEXT NOT NULL, value TEXT NOT NULL,
      created INTEGER NOT NULL, PRIMARY KEY (arn, id))`);
  }

  /** Makes a secret, or brings its description and key up to date. Never touches its values. */
  put(name: string, description: string, kmsKeyArn: string | undefined): Secret {
    const now = this.#cloud.now();
    this.#cloud.database.run(
      `INSERT INTO secretsmanager_secrets (arn, name, description, kms_key, created, changed)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET description = excluded.description, kms_key = excluded.kms_key`,
      `${this.#cloud.arn('secretsmanager', `secret:${name}`)}-${suffix()}`,
      name,
      description,
      kmsKeyArn ?? null,
      now,
      now,
    );
    return this.named(name);
  }

  /** @throws AwsError `ResourceNotFoundException` @param reference a name, an ARN, or an ARN without its suffix */
  named(reference: string): Secret {
    const prefix = this.#cloud.arn('secretsmanager', 'secret:');
    const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : reference;
    const row = this.#cloud.database.get<SecretRow>(
      'SELECT * FROM secretsmanager_secrets WHERE arn = ? OR name = ?',
      reference,
      name,
    );
    if (!row) throw notFound("Secrets Manager can't find the specified secret.");
    return {
      arn: row.arn,
      name: row.name,
      description: row.description,
      kmsKeyArn: row.kms_key ?? undefined,
      created: row.created,
      changed: row.changed,
    };
  }

  /** Forgets a secret and its values at once, as CloudFormation deletes it. */
  remove(arn: string): void {
    const { database } = this.#cloud;
    database.transaction(() => {
      database.run('DELETE FROM secretsmanager_secrets WHERE arn = ?', arn);
      database.run('DELETE FROM secretsmanager_versions WHERE arn = ?', arn);
    });
  }

  /** What the template last said of the value, so that only a change of it makes a new version. */
  template(arn: string): string | undefined {
    return (
      this.#cloud.database.get<{ template: string | null }>(
        'SELECT template FROM secretsmanager_secrets WHERE arn = ?',
        arn,
      )?.template ?? undefined
    );
  }

  setTemplate(arn: string, template: string): void {
    this.#cloud.database.run(
      'UPDATE secretsmanager_secrets SET template = ? WHERE arn = ?',
      template,
      arn,
    );
  }

  versions(arn: string): readonly Version[] {
    return this.#cloud.database
      .all<VersionRow>(
        'SELECT * FROM secretsmanager_versions WHERE arn = ? ORDER BY created, rowid',
        arn,
      )
      .map(({ id, stages, value, created }) => ({
        id,
        stages: JSON.parse(stages) as string[],
        value: JSON.parse(value) as SecretValue,
        created,
      }));
  }

  /**
   * Adds a version and moves the stages to it; what was `AWSCURRENT` becomes `AWSPREVIOUS`. The first
   * version is current in any case. The same id with the same value changes nothing.
   *
   * @returns the stages of the version
   * @throws AwsError `ResourceExistsException` for an id that has another value
   */
  addVersion(
    secret: Secret,
    id: string,
    value: SecretValue,
    stages: readonly string[],
  ): readonly string[] {
    const before = this.versions(secret.arn);
    const same = before.find((version) => version.id === id);
    if (same) return this.#repeated(secret, same, value);
    const given = before.length === 0 ? [...new Set([CURRENT, ...stages])] : stages;
    const { database } = this.#cloud;
    database.transaction(() => {
      for (const version of before) this.#setStages(secret, version, left(version, given));
      database.run(
        'INSERT INTO secretsmanager_versions VALUES (?, ?, ?, ?, ?)',
        secret.arn,
        id,
        JSON.stringify(given),
        JSON.stringify(value),
        this.#cloud.now(),
      );
      database.run(
        'UPDATE secretsmanager_secrets SET changed = ? WHERE arn = ?',
        this.#cloud.now(),
        secret.arn,
      );
    });
    return given;
  }

  #repeated(secret: Secret, same: Version, value: SecretValue): readonly string[] {
    const equal =
      same.value.SecretString === value.SecretString &&
      same.value.SecretBinary === value.SecretBinary;
    if (equal) return same.stages;
    throw new AwsError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${same.id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }

  #setStages(secret: Secret, { id }: Version, stages: readonly string[]): void {
    this.#cloud.database.run(
      'UPDATE secretsmanager_versions SET stages = ? WHERE arn = ? AND id = ?',
      JSON.stringify(stages),
      secret.arn,
      id,
    );
  }
}

/** The stages that a version keeps when another one is given some. */
function left(version: Version, given: readonly string[]): string[] {
  const kept = version.stages.filter((stage) => !given.includes(stage));
  if (!given.includes(CURRENT)) return kept;
  return version.stages.includes(CURRENT)
    ? [...new Set([...kept, PREVIOUS])]
    : kept.filter((stage) => stage !== PREVIOUS);
}

/** The six characters at the end of a secret's ARN. */
const suffix = (): string =>
  Array.from(randomBytes(6), (byte) => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]).join('');

/** What is not there, as Secrets Manager says it. */
export const notFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message);
