import { randomBytes } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';
import { noSuchUpload } from '../s3-errors.ts';
import type { StoredBody } from './body-store.ts';
import type { ChecksumAlgorithm } from './checksum.ts';
import type { ObjectAttributes } from './object-record.ts';

/** A multipart upload that has been begun. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly initiated: number;
  readonly attributes: ObjectAttributes;
  readonly checksum?: {
    readonly algorithm: ChecksumAlgorithm;
    readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  };
}

export interface Part {
  readonly number: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modified: number;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  readonly body: StoredBody;
}

/** Multipart uploads in progress and their parts. */
export class UploadStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS s3_uploads (
        id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, initiated INTEGER NOT NULL,
        attributes TEXT NOT NULL, checksum TEXT);
      CREATE TABLE IF NOT EXISTS s3_parts (
        upload_id TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
        modified INTEGER NOT NULL, checksum TEXT, file TEXT, body BLOB,
        PRIMARY KEY (upload_id, number));
      CREATE INDEX IF NOT EXISTS s3_part_files ON s3_parts (file) WHERE file IS NOT NULL;`);
  }

  begin(upload: Omit<Upload, 'id' | 'initiated'>): Upload {
    const begun = {
      ...upload,
      id: randomBytes(48).toString('base64url'),
      initiated: this.#cloud.now(),
    };
    this.#cloud.database.run(
      'INSERT INTO s3_uploads VALUES (?, ?, ?, ?, ?, ?)',
      begun.id,
      begun.bucket,
      begun.key,
      begun.initiated,
      JSON.stringify(begun.attributes),
      begun.checksum ? JSON.stringify(begun.checksum) : null,
    );
    return begun;
  }

  /** @throws AwsError NoSuchUpload */
  require(bucket: string, key: string, id: string): Upload {
    const row = this.#cloud.database.get<UploadRow>(
      'SELECT * FROM s3_uploads WHERE id = ? AND bucket = ? AND key = ?',
      id,
      bucket,
      key,
    );
    if (!row) throw noSuchUpload(id);
    return upload(row);
  }

  ofBucket(bucket: string, prefix: string): Upload[] {
    return this.#cloud.database
      .all<UploadRow>('SELECT * FROM s3_uploads WHERE bucket = ? ORDER BY key, initiated', bucket)
      .map(upload)
      .filter(({ key }) => key.startsWith(prefix));
  }

  putPart(id: string, part: Omit<Part, 'modified'>): void {
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      part.number,
      part.size,
      part.etag,
      this.#cloud.now(),
      part.checksum ? JSON.stringify(part.checksum) : null,
      part.body.file,
      part.body.inline,
    );
  }

  /** In order of number. */
  parts(id: string): Part[] {
    return this.#cloud.database
      .all<PartRow>('SELECT * FROM s3_parts WHERE upload_id = ? ORDER BY number', id)
      .map((row) => ({
        number: row.number,
        size: row.size,
        etag: row.etag,
        modified: row.modified,
        checksum: row.checksum ? (JSON.parse(row.checksum) as Part['checksum']) : undefined,
        body:
          row.file === null
            ? { inline: row.body ?? new Uint8Array(), file: null }
            : { inline: null, file: row.file },
      }));
  }

  /** Forgets an upload and its parts. @returns the files that held parts */
  end(id: string): string[] {
    const files = this.parts(id).flatMap(({ body }) => body.file ?? []);
    this.#cloud.database.run('DELETE FROM s3_parts WHERE upload_id = ?', id);
    this.#cloud.database.run('DELETE FROM s3_uploads WHERE id = ?', id);
    return files;
  }
}

interface UploadRow {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly attributes: string;
  readonly checksum: string | null;
}

interface PartRow {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly checksum: string | null;
  readonly file: string | null;
  readonly body: Uint8Array | null;
}

const upload = (row: UploadRow): Upload => ({
  ...row,
  attributes: JSON.parse(row.attributes) as ObjectAttributes,
  checksum: row.checksum ? (JSON.parse(row.checksum) as Upload['checksum']) : undefined,
});
