import type { Cloud } from '#local/kernel/cloud.ts';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Bucket } from '../buckets/buckets.ts';
import { invalidArgument, invalidRequest } from '../s3-errors.ts';
import type { ObjectAttributes } from './object-record.ts';

/** Members of requests that make an object, besides its body. */
export interface AttributesInput {
  readonly ACL?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
  readonly Expires?: string | Date;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Tagging?: string;
  readonly StorageClass?: string;
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
  readonly SSECustomerAlgorithm?: string;
  readonly WebsiteRedirectLocation?: string;
  readonly WriteOffsetBytes?: string;
  readonly ObjectLockMode?: string;
  readonly ObjectLockRetainUntilDate?: string | Date;
  readonly ObjectLockLegalHoldStatus?: string;
}

const STORAGE_CLASSES = [
  ...['STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING'],
  'GLACIER_IR',
];
/** User-defined metadata is at most 2 KB, names and values together. */
const MAX_METADATA_BYTES = 2048;
const MAX_TAGS = 10;
const DAY_MS = 24 * 3600 * 1000;
const DEFAULT_TYPE = 'binary/octet-stream';

/** @throws AwsError for what is not served, too much metadata, bad tags or a bad lock */
export function newAttributes(
  input: AttributesInput,
  bucket: Bucket,
  cloud: Cloud,
): ObjectAttributes {
  refuseUnserved(input);
  const metadata = input.Metadata ?? {};
  const size = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size > MAX_METADATA_BYTES) {
    throw new AwsError(
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      400,
      { Size: size, MaxSizeAllowed: MAX_METADATA_BYTES },
    );
  }
  return {
    ContentType: input.ContentType ?? DEFAULT_TYPE,
    CacheControl: input.CacheControl,
    ContentDisposition: input.ContentDisposition,
    ContentEncoding: input.ContentEncoding,
    ContentLanguage: input.ContentLanguage,
    Expires: input.Expires instanceof Date ? input.Expires.toUTCString() : input.Expires,
    Metadata: metadata,
    Tags: readTags(input.Tagging),
    StorageClass: input.StorageClass === 'STANDARD' ? undefined : input.StorageClass,
    ...encryptionOf(input, bucket, cloud),
    ...lockOf(input, bucket, cloud),
  };
}

/** The encryption that a new object gets: the request's, else the bucket's. */
export function encryptionOf(
  input: AttributesInput,
  bucket: Bucket,
  cloud: Cloud,
): Pick<ObjectAttributes, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'> {
  const asked = input.ServerSideEncryption;
  const algorithm = asked ?? bucket.encryption.algorithm;
  if (algorithm !== 'aws:kms') return { ServerSideEncryption: algorithm };
  const key = input.SSEKMSKeyId ?? bucket.encryption.keyId ?? 'alias/aws/s3';
  return {
    ServerSideEncryption: algorithm,
    SSEKMSKeyId: kmsArn(key, cloud),
    ...((input.BucketKeyEnabled ?? bucket.encryption.bucketKey) && { BucketKeyEnabled: true }),
  };
}

/** Tags as in the header `x-amz-tagging`: a URL query. @throws AwsError InvalidTag, BadRequest */
export function readTags(text: string | undefined): Record<string, string> {
  if (text === undefined || text === '') return {};
  const pairs = [...new URLSearchParams(text)];
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length !== pairs.length) {
    throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  if (pairs.length > MAX_TAGS) {
    throw new AwsError('BadRequest', 'Object tags cannot be greater than 10');
  }
  return tags;
}

function kmsArn(key: string, cloud: Cloud): string {
  if (key.startsWith('arn:')) return key;
  return cloud.arn('kms', key.startsWith('alias/') ? key : `key/${key}`);
}

function refuseUnserved(input: AttributesInput): void {
  const { ACL, StorageClass, ServerSideEncryption } = input;
  if (ACL !== undefined && ACL !== 'private' && ACL !== 'bucket-owner-full-control') {
    throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
  if (input.SSECustomerAlgorithm !== undefined) throw notServed('S3 encryption with customer keys');
  if (input.WebsiteRedirectLocation !== undefined) throw notServed('S3 website redirects');
  if (input.WriteOffsetBytes !== undefined) throw notServed('S3 appends (directory buckets)');
  if (StorageClass !== undefined && !STORAGE_CLASSES.includes(StorageClass)) {
    if (StorageClass === 'GLACIER' || StorageClass === 'DEEP_ARCHIVE') {
      throw notServed(`S3 storage class ${StorageClass}`);
    }
    throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
      StorageClassRequested: StorageClass,
    });
  }
  if (ServerSideEncryption !== undefined && !['AES256', 'aws:kms'].includes(ServerSideEncryption)) {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      ServerSideEncryption,
    );
  }
}

function lockOf(input: AttributesInput, bucket: Bucket, cloud: Cloud): Partial<ObjectAttributes> {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = input;
  const hold = input.ObjectLockLegalHoldStatus;
  if (!bucket.objectLock) {
    if (mode !== undefined || until !== undefined || hold !== undefined) {
      throw invalidRequest('Bucket is missing Object Lock Configuration');
    }
    return {};
  }
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      'x-amz-object-lock-mode',
    );
  }
  const legalHold = hold === undefined ? {} : { ObjectLockLegalHoldStatus: hold };
  if (mode !== undefined && until !== undefined) {
    const date = new Date(until);
    if (!(date.getTime() > cloud.now())) {
      throw invalidArgument(
        'The retain until date must be in the future!',
        'x-amz-object-lock-retain-until-date',
      );
    }
    return { ...legalHold, ObjectLockMode: mode, ObjectLockRetainUntilDate: date.toISOString() };
  }
  const retention = bucket.defaultRetention;
  if (!retention) return legalHold;
  return {
    ...legalHold,
    ObjectLockMode: retention.mode,
    ObjectLockRetainUntilDate: new Date(cloud.now() + retention.days * DAY_MS).toISOString(),
  };
}
