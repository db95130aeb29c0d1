import type { IamRequest } from '#local/kernel/service.ts';
import type { Bucket } from './buckets/buckets.ts';
import type { ObjectRecord } from './objects/object-record.ts';
import type { S3Parts } from './s3-parts.ts';

type Conditions = Record<string, string | readonly string[]>;

/** Members of requests on one object that permissions look at. */
export interface ObjectInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
  readonly ExpectedBucketOwner?: string;
}

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;

export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

export function bucketNeed(
  parts: S3Parts,
  action: string,
  bucket: string,
  conditions: Conditions = {},
): IamRequest {
  return {
    action: `s3:${action}`,
    resource: bucketArn(bucket),
    conditions: { 's3:ResourceAccount': parts.cloud.account, ...conditions },
  };
}

export function objectNeed(
  parts: S3Parts,
  action: string,
  input: ObjectInput,
  conditions: Conditions = {},
): IamRequest {
  return {
    action: `s3:${action}`,
    resource: objectArn(input.Bucket, input.Key),
    conditions: {
      's3:ResourceAccount': parts.cloud.account,
      ...(input.VersionId !== undefined && { 's3:VersionId': input.VersionId }),
      ...conditions,
    },
  };
}

/**
 * What reading an object needs. Who may not list the bucket is not told that a key is missing, so a
 * missing key needs `s3:ListBucket` too; an object under a KMS key needs its decryption.
 */
export function readNeeds(parts: S3Parts, input: ObjectInput, action = 'GetObject'): IamRequest[] {
  const found = currentOrVersion(parts, input);
  const versioned = input.VersionId === undefined ? '' : 'Version';
  const tags = Object.entries(found?.attributes.Tags ?? {});
  const conditions = Object.fromEntries(
    tags.map(([name, value]) => [`s3:ExistingObjectTag/${name}`, value]),
  );
  const needs = [
    objectNeed(parts, action.replace('Object', `Object${versioned}`), input, conditions),
  ];
  const missing = !found || found.deleteMarker;
  if (missing && input.VersionId === undefined) {
    needs.push(bucketNeed(parts, 'ListBucket', input.Bucket));
  }
  const bucket = parts.buckets.find(input.Bucket);
  const { SSEKMSKeyId: key, BucketKeyEnabled } = found?.attributes ?? {};
  if (key && bucket)
    needs.push(kmsNeed(parts, 'Decrypt', key, bucket, input.Key, BucketKeyEnabled));
  return needs;
}

/** The permission on a KMS key that S3 uses for the caller. */
export function kmsNeed(
  parts: S3Parts,
  action: 'Decrypt' | 'GenerateDataKey',
  keyArn: string,
  bucket: Bucket,
  key: string,
  bucketKey = false,
): IamRequest {
  return {
    action: `kms:${action}`,
    resource: keyArn,
    conditions: {
      'kms:ViaService': `s3.${parts.cloud.region}.amazonaws.com`,
      'kms:CallerAccount': parts.cloud.account,
      'kms:EncryptionContext:aws:s3:arn': bucketKey ? bucket.arn : objectArn(bucket.name, key),
      'kms:EncryptionContextKeys': ['aws:s3:arn'],
    },
  };
}

/** The version that a request means. */
export function currentOrVersion(parts: S3Parts, input: ObjectInput): ObjectRecord | undefined {
  return input.VersionId === undefined
    ? parts.objects.latest(input.Bucket, input.Key)
    : parts.objects.version(input.Bucket, input.Key, input.VersionId);
}
