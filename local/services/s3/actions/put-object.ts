import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action, Call, IamRequest } from '#local/kernel/service.ts';
import { kmsNeed, objectNeed, type ObjectInput } from '../access.ts';
import { checkBody, type BodyChecks } from '../objects/check-body.ts';
import { md5Hex } from '../objects/checksum.ts';
import {
  encryptionOf,
  newAttributes,
  readTags,
  type AttributesInput,
} from '../objects/new-attributes.ts';
import type { ObjectRecord } from '../objects/object-record.ts';
import { NULL_VERSION } from '../objects/object-store.ts';
import { checkWrite, type Preconditions } from '../preconditions.ts';
import type { S3Parts } from '../s3-parts.ts';

export interface PutObjectInput extends ObjectInput, AttributesInput, BodyChecks, Preconditions {
  readonly Body?: Buffer | string;
}

/** Condition keys of `s3:PutObject` with the members that they tell. */
const CONDITION_KEYS = [
  ['s3:x-amz-acl', 'ACL'],
  ['s3:x-amz-server-side-encryption', 'ServerSideEncryption'],
  ['s3:x-amz-server-side-encryption-aws-kms-key-id', 'SSEKMSKeyId'],
  ['s3:x-amz-storage-class', 'StorageClass'],
  ['s3:if-none-match', 'IfNoneMatch'],
  ['s3:if-match', 'IfMatch'],
  ['s3:object-lock-mode', 'ObjectLockMode'],
] as const;

/** A key has at most 1,024 bytes. */
const MAX_KEY_BYTES = 1024;

export const putObject = (parts: S3Parts): Action<PutObjectInput> => ({
  authorize: (input) => putNeeds(parts, input),
  run: (input, call) => storeObject(parts, input, call, 'ObjectCreated:Put', 'PutObject'),
});

/** What making an object with these members needs. */
export function putNeeds(
  parts: S3Parts,
  input: ObjectInput & AttributesInput & Preconditions,
): IamRequest[] {
  const tags = Object.entries(readTags(input.Tagging));
  const keys = CONDITION_KEYS.flatMap(([key, member]) => {
    const value = input[member];
    return value === undefined ? [] : [[key, value] as const];
  });
  const needs = [
    objectNeed(parts, 'PutObject', input, {
      ...Object.fromEntries(keys),
      ...Object.fromEntries(tags.map(([name, value]) => [`s3:RequestObjectTag/${name}`, value])),
      ...(tags.length > 0 && { 's3:RequestObjectTagKeys': tags.map(([name]) => name) }),
    }),
  ];
  if (tags.length > 0) needs.push(objectNeed(parts, 'PutObjectTagging', input));
  if (input.ObjectLockMode !== undefined)
    needs.push(objectNeed(parts, 'PutObjectRetention', input));
  if (input.ObjectLockLegalHoldStatus !== undefined) {
    needs.push(objectNeed(parts, 'PutObjectLegalHold', input));
  }
  // A write under If-Match tells whether the object has that content.
  if (input.IfMatch !== undefined) needs.push(objectNeed(parts, 'GetObject', input));
  const bucket = parts.buckets.find(input.Bucket);
  const encryption = bucket && encryptionOf(input, bucket, parts.cloud);
  if (bucket && encryption?.SSEKMSKeyId) {
    const { SSEKMSKeyId: key, BucketKeyEnabled } = encryption;
    needs.push(kmsNeed(parts, 'GenerateDataKey', key, bucket, input.Key, BucketKeyEnabled));
  }
  return needs;
}

/**
 * Stores one object whole and tells who wants to know.
 *
 * @throws AwsError for a failed condition, a wrong digest, a bad attribute
 */
export function storeObject(
  parts: S3Parts,
  input: PutObjectInput,
  call: Call,
  event: string,
  reason: string,
): Record<string, unknown> {
  const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
  requireKeyLength(input.Key);
  checkWrite(input, input.Key, parts.objects.latest(input.Bucket, input.Key));
  const body = typeof input.Body === 'string' ? Buffer.from(input.Body) : (input.Body ?? EMPTY);
  const checksum = checkBody(input, body);
  const attributes = newAttributes(input, bucket, parts.cloud);
  const object = parts.objects.put(
    {
      bucket: bucket.name,
      key: input.Key,
      size: body.length,
      etag: md5Hex(body),
      attributes: { ...attributes, checksum: { ...checksum, type: 'FULL_OBJECT' } },
      body: parts.bodies.write(body),
    },
    bucket.versioned,
  );
  parts.notifications.publish({ bucket, object, name: event, reason, requestId: call.requestId });
  return written(object);
}

/** The members that tell of an object just made. */
export function written(object: ObjectRecord): Record<string, unknown> {
  const { attributes, versionId } = object;
  const { checksum } = attributes;
  return {
    ETag: `"${object.etag}"`,
    ...(versionId !== NULL_VERSION && { VersionId: versionId }),
    ServerSideEncryption: attributes.ServerSideEncryption,
    SSEKMSKeyId: attributes.SSEKMSKeyId,
    BucketKeyEnabled: attributes.BucketKeyEnabled,
    ...(checksum && {
      [`Checksum${checksum.algorithm}`]: checksum.value,
      ChecksumType: checksum.type,
    }),
  };
}

/** @throws AwsError KeyTooLongError */
export function requireKeyLength(key: string): void {
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new AwsError('KeyTooLongError', 'Your key is too long', 400, {
    MaxSizeAllowed: MAX_KEY_BYTES,
    Size: Buffer.byteLength(key),
  });
}

const EMPTY = Buffer.alloc(0);
