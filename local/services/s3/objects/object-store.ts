import { randomBytes } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { BodyStore } from './body-store.ts';
import type { NewObject, ObjectAttributes, ObjectRecord } from './object-record.ts';

interface Row {
  readonly seq: number;
  readonly bucket: string;
  readonly key: string;
  readonly version_id: string;
  readonly latest: number;
  readonly delete_marker: number;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly attributes: string;
  readonly body?: Uint8Array | null;
  readonly file: string | null;
}

const WITHOUT_BODY =
  'seq, bucket, key, version_id, latest, delete_marker, size, etag, modified, attributes, file';

/** The version id of objects in buckets without versioning. */
export const NULL_VERSION = 'null';

/** Versions of objects as SQLite rows. SQLite orders their keys as S3 does: by UTF-8 bytes. */
export class ObjectStore {
  readonly #cloud: Cloud;
  readonly #bodies: BodyStore;

  constructor(cloud: Cloud, bodies: BodyStore) {
    this.#cloud = cloud;
    this.#bodies = bodies;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS s3_versions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL,
        version_id TEXT NOT NULL, latest INTEGER NOT NULL, delete_marker INTEGER NOT NULL,
        size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
        attributes TEXT NOT NULL, file TEXT, body BLOB, UNIQUE (bucket, key, version_id));
      CREATE INDEX IF NOT EXISTS s3_latest ON s3_versions (bucket, key) WHERE latest = 1;
      CREATE INDEX IF NOT EXISTS s3_files ON s3_versions (file) WHERE file IS NOT NULL;`);
  }

  /** The current version, which may be a delete marker. */
  latest(bucket: string, key: string): ObjectRecord | undefined {
    const row = this.#cloud.database.get<Row>(
      'SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND latest = 1',
      bucket,
      key,
    );
    return row && record(row);
  }

  version(bucket: string, key: string, versionId: string): ObjectRecord | undefined {
    const row = this.#cloud.database.get<Row>(
      'SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND version_id = ?',
      bucket,
      key,
      versionId,
    );
    return row && record(row);
  }

  /** Makes a version the current one: a new one in a versioned bucket, else in the place of `null`. */
  put(object: NewObject, versioned: boolean): ObjectRecord {
    return this.#insert(object, versioned ? newVersionId() : NULL_VERSION, false);
  }

  /** Puts a delete marker on top. */
  mark(bucket: string, key: string, versioned: boolean): ObjectRecord {
    const marker = { bucket, key, size: 0, etag: '', attributes: {} };
    const body = { inline: new Uint8Array(), file: null } as const;
    return this.#insert({ ...marker, body }, versioned ? newVersionId() : NULL_VERSION, true);
  }

  /** Deletes one version for good; the one before becomes the current one. */
  remove(object: ObjectRecord): void {
    this.#cloud.database.run('DELETE FROM s3_versions WHERE seq = ?', object.seq);
    if (object.latest) {
      this.#cloud.database.run(
        `UPDATE s3_versions SET latest = 1 WHERE seq =
         (SELECT MAX(seq) FROM s3_versions WHERE bucket = ? AND key = ?)`,
        object.bucket,
        object.key,
      );
    }
    this.#dropFile(object.body.file);
  }

  /** Objects whose current version is no delete marker, in order of key, from `from` on. */
  list(bucket: string, from: string, inclusive: boolean, limit: number): ObjectRecord[] {
    return this.#cloud.database
      .all<Row>(
        `SELECT ${WITHOUT_BODY} FROM s3_versions
         WHERE bucket = ? AND latest = 1 AND delete_marker = 0 AND key ${inclusive ? '>=' : '>'} ?
         ORDER BY key LIMIT ?`,
        bucket,
        from,
        limit,
      )
      .map(record);
  }

  /** All versions of keys with a prefix, the newest of each key first. */
  versions(bucket: string, prefix: string, limit: number): ObjectRecord[] {
    return this.#cloud.database
      .all<Row>(
        `SELECT ${WITHOUT_BODY} FROM s3_versions
         WHERE bucket = ? AND key >= ? AND substr(key, 1, ?) = ? ORDER BY key, seq DESC LIMIT ?`,
        bucket,
        prefix,
        [...prefix].length,
        prefix,
        limit,
      )
      .map(record);
  }

  isEmpty(bucket: string): boolean {
    return !this.#cloud.database.get('SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1', bucket);
  }

  /** Removes a file once the transaction is over, if no row refers to it then. */
  dropFileLater(file: string | null): void {
    this.#dropFile(file);
  }

  /** Removes the files that no row refers to: what a crash left behind. */
  sweepFiles(): void {
    for (const file of this.#bodies.list()) {
      if (!this.#isReferred(file)) this.#bodies.remove(file);
    }
  }

  #insert(object: NewObject, versionId: string, deleteMarker: boolean): ObjectRecord {
    const replaced = this.version(object.bucket, object.key, versionId);
    if (replaced) {
      this.#cloud.database.run('DELETE FROM s3_versions WHERE seq = ?', replaced.seq);
      this.#dropFile(replaced.body.file);
    }
    this.#cloud.database.run(
      'UPDATE s3_versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1',
      object.bucket,
      object.key,
    );
    const modified = this.#cloud.now();
    const { lastInsertRowid } = this.#cloud.database.run(
      `INSERT INTO s3_versions (bucket, key, version_id, latest, delete_marker, size, etag, modified,
         attributes, file, body) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)`,
      object.bucket,
      object.key,
      versionId,
      deleteMarker ? 1 : 0,
      object.size,
      object.etag,
      modified,
      JSON.stringify(object.attributes),
      object.body.file,
      object.body.inline,
    );
    return { ...object, versionId, modified, deleteMarker, latest: true, seq: lastInsertRowid };
  }

  #dropFile(file: string | null): void {
    if (file === null) return;
    setImmediate(() => {
      if (!this.#isReferred(file)) this.#bodies.remove(file);
    });
  }

  #isReferred(file: string): boolean {
    const { database } = this.#cloud;
    return (
      database.get('SELECT 1 FROM s3_versions WHERE file = ?', file) !== undefined ||
      database.get('SELECT 1 FROM s3_parts WHERE file = ?', file) !== undefined
    );
  }
}

/** 32 characters, as AWS's are opaque. */
const newVersionId = (): string => randomBytes(24).toString('base64url');

function record(row: Row): ObjectRecord {
  return {
    seq: row.seq,
    bucket: row.bucket,
    key: row.key,
    versionId: row.version_id,
    latest: row.latest === 1,
    deleteMarker: row.delete_marker === 1,
    size: row.size,
    etag: row.etag,
    modified: row.modified,
    attributes: JSON.parse(row.attributes) as ObjectAttributes,
    body:
      row.file === null
        ? { inline: row.body ?? new Uint8Array(), file: null }
        : { inline: null, file: row.file },
  };
}
