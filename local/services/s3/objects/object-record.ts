import type { ChecksumAlgorithm } from './checksum.ts';
import type { StoredBody } from './body-store.ts';

/** What is kept of an object besides its bytes; members are named as in the SDK. */
export interface ObjectAttributes {
  readonly ContentType?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly Expires?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Tags?: Readonly<Record<string, string>>;
  readonly StorageClass?: string;
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
  readonly ObjectLockMode?: string;
  /** ISO 8601. */
  readonly ObjectLockRetainUntilDate?: string;
  readonly ObjectLockLegalHoldStatus?: string;
  readonly checksum?: {
    readonly algorithm: ChecksumAlgorithm;
    /** Base64; a composite one ends in `-<number of parts>`. */
    readonly value: string;
    readonly type: 'FULL_OBJECT' | 'COMPOSITE';
  };
  /** Number of parts of a multipart upload. */
  readonly parts?: number;
}

/** One version of an object, or a delete marker. */
export interface ObjectRecord {
  readonly seq: number;
  readonly bucket: string;
  readonly key: string;
  /** `null` (the word) for versions from before versioning. */
  readonly versionId: string;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly attributes: ObjectAttributes;
  readonly body: StoredBody;
}

/** A version that is to be stored. */
export type NewObject = Pick<ObjectRecord, 'bucket' | 'key' | 'size' | 'etag' | 'attributes'> & {
  readonly body: StoredBody;
};
