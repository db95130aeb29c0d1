import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { functionArn, type FunctionReference } from './function-name.ts';
import type { FunctionRevision, FunctionSettings } from './function-settings.ts';

/** What a function has besides its revisions. */
export interface StoredFunction {
  readonly latest: FunctionRevision;
  /** How many events it may handle at once. */
  readonly reservedConcurrency?: number;
}

/** A name that points to a published version. */
export interface FunctionAlias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

interface RevisionRow {
  readonly function: string;
  readonly version: string;
  readonly settings: string;
  readonly code: string;
  readonly bytes: number;
  readonly modified: number;
  readonly revision: string;
}

/** Functions, their published versions and aliases. */
export class FunctionStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS lambda_function (
        name TEXT PRIMARY KEY, reserved INTEGER, next_version INTEGER NOT NULL DEFAULT 1);
      CREATE TABLE IF NOT EXISTS lambda_revision (
        function TEXT, version TEXT, settings TEXT NOT NULL, code TEXT NOT NULL,
        bytes INTEGER NOT NULL, modified INTEGER NOT NULL, revision TEXT NOT NULL,
        logical_id TEXT, PRIMARY KEY (function, version));
      CREATE TABLE IF NOT EXISTS lambda_alias (
        function TEXT, name TEXT, version TEXT NOT NULL, description TEXT NOT NULL,
        PRIMARY KEY (function, name))`);
  }

  /** Writes `$LATEST` down; an unchanged one keeps its revision. */
  put(
    name: string,
    state: { settings: FunctionSettings; code: string; bytes: number; reserved?: number },
  ): void {
    const { database } = this.#cloud;
    const settings = JSON.stringify(state.settings);
    database.transaction(() => {
      database.run(
        `INSERT INTO lambda_function (name, reserved) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET reserved = excluded.reserved`,
        name,
        state.reserved ?? null,
      );
      const old = this.#row(name, '$LATEST');
      if (old?.settings === settings && old.code === state.code) return;
      database.run(
        `INSERT OR REPLACE INTO lambda_revision
           (function, version, settings, code, bytes, modified, revision)
         VALUES (?, '$LATEST', ?, ?, ?, ?, ?)`,
        name,
        settings,
        state.code,
        state.bytes,
        this.#cloud.now(),
        randomUUID(),
      );
    });
  }

  /**
   * Publishes `$LATEST` for a resource of the template. The same resource always gives the same
   * version; a new one whose function has not changed since gives the last one, as PublishVersion.
   */
  publish(name: string, logicalId: string): string {
    const { database } = this.#cloud;
    return database.transaction(() => {
      const known = database.get<{ version: string }>(
        `SELECT version FROM lambda_revision WHERE function = ? AND logical_id = ?`,
        name,
        logicalId,
      );
      if (known) return known.version;
      const latest = this.#existing({ name, qualifier: '$LATEST' });
      const last = this.versions(name).at(-1);
      const isSame =
        last?.version !== '$LATEST' &&
        last?.codeSha256 === latest.code &&
        JSON.stringify(last.settings) === latest.settings;
      if (isSame) return last.version;
      const version = String(this.#takeNumber(name));
      database.run(
        `INSERT INTO lambda_revision VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        name,
        version,
        latest.settings,
        latest.code,
        latest.bytes,
        this.#cloud.now(),
        randomUUID(),
        logicalId,
      );
      return version;
    });
  }

  putAlias(functionName: string, alias: FunctionAlias): void {
    this.#existing({ name: functionName, qualifier: alias.version });
    const { name, version, description } = alias;
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO lambda_alias VALUES (?, ?, ?, ?)',
      functionName,
      name,
      version,
      description,
    );
  }

  /** @throws AwsError ResourceNotFoundException when there is no such function */
  get(name: string): StoredFunction {
    const latest = revisionOf(this.#existing({ name }));
    const row = this.#cloud.database.get<{ reserved: number | null }>(
      'SELECT reserved FROM lambda_function WHERE name = ?',
      name,
    );
    return { latest, reservedConcurrency: row?.reserved ?? undefined };
  }

  /**
   * The revision that a name, version or alias stands for.
   *
   * @throws AwsError ResourceNotFoundException
   */
  revision(reference: FunctionReference): FunctionRevision {
    return revisionOf(this.#existing(reference));
  }

  names(): string[] {
    const rows = this.#cloud.database.all<{ name: string }>(
      'SELECT name FROM lambda_function ORDER BY name',
    );
    return rows.map(({ name }) => name);
  }

  /** `$LATEST` and then the published versions in their order. */
  versions(name: string): FunctionRevision[] {
    return this.#cloud.database
      .all<RevisionRow>(
        'SELECT * FROM lambda_revision WHERE function = ? ORDER BY CAST(version AS INTEGER)',
        name,
      )
      .map(revisionOf);
  }

  aliases(functionName: string): FunctionAlias[] {
    return this.#cloud.database.all<FunctionAlias>(
      'SELECT name, version, description FROM lambda_alias WHERE function = ? ORDER BY name',
      functionName,
    );
  }

  /** The hashes of all code that some revision still runs. */
  livingCode(): Set<string> {
    const rows = this.#cloud.database.all<{ code: string }>('SELECT code FROM lambda_revision');
    return new Set(rows.map(({ code }) => code));
  }

  removeFunction(name: string): void {
    const { database } = this.#cloud;
    database.transaction(() => {
      database.run('DELETE FROM lambda_function WHERE name = ?', name);
      database.run('DELETE FROM lambda_revision WHERE function = ?', name);
      database.run('DELETE FROM lambda_alias WHERE function = ?', name);
    });
  }

  removeVersion(functionName: string, version: string): void {
    this.#cloud.database.run(
      'DELETE FROM lambda_revision WHERE function = ? AND version = ?',
      functionName,
      version,
    );
  }

  removeAlias(functionName: string, name: string): void {
    this.#cloud.database.run(
      'DELETE FROM lambda_alias WHERE function = ? AND name = ?',
      functionName,
      name,
    );
  }

  #takeNumber(name: string): number {
    const row = this.#cloud.database.get<{ taken: number }>(
      `UPDATE lambda_function SET next_version = next_version + 1 WHERE name = ?
       RETURNING next_version - 1 AS taken`,
      name,
    );
    return row?.taken ?? 1;
  }

  #existing(reference: FunctionReference): RevisionRow {
    const { name, qualifier = '$LATEST' } = reference;
    const isVersion = qualifier === '$LATEST' || /^\d+$/.test(qualifier);
    const version = isVersion ? qualifier : this.#aliasVersion(name, qualifier);
    const row = version === undefined ? undefined : this.#row(name, version);
    if (row) return row;
    const arn = functionArn(this.#cloud, reference);
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404, {
      Type: 'User',
    });
  }

  #aliasVersion(name: string, alias: string): string | undefined {
    return this.#cloud.database.get<{ version: string }>(
      'SELECT version FROM lambda_alias WHERE function = ? AND name = ?',
      name,
      alias,
    )?.version;
  }

  #row(name: string, version: string): RevisionRow | undefined {
    return this.#cloud.database.get<RevisionRow>(
      'SELECT * FROM lambda_revision WHERE function = ? AND version = ?',
      name,
      version,
    );
  }
}

const revisionOf = (row: RevisionRow): FunctionRevision => ({
  functionName: row.function,
  version: row.version,
  settings: JSON.parse(row.settings) as FunctionSettings,
  codeSha256: row.code,
  codeBytes: row.bytes,
  modifiedAt: row.modified,
  revisionId: row.revision,
});
