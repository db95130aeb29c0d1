import type { Action } from '#local/kernel/service.ts';
import { objectNeed, readNeeds, type ObjectInput } from '../access.ts';
import { checksum, md5Hex, type ChecksumAlgorithm } from '../objects/checksum.ts';
import { newAttributes, type AttributesInput } from '../objects/new-attributes.ts';
import type { ObjectAttributes } from '../objects/object-record.ts';
import { checkCopySource, checkWrite, type Preconditions } from '../preconditions.ts';
import { invalidArgument, invalidRequest } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';
import { requireObject } from './get-object.ts';
import { putNeeds, requireKeyLength, written } from './put-object.ts';

interface CopyInput extends ObjectInput, AttributesInput, Preconditions {
  /** `bucket/key` or `/bucket/key`, URL-encoded, perhaps with `?versionId=`. */
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfModifiedSince?: string | Date;
  readonly CopySourceIfUnmodifiedSince?: string | Date;
  readonly ExpectedSourceBucketOwner?: string;
  readonly MetadataDirective?: string;
  readonly TaggingDirective?: string;
  readonly ChecksumAlgorithm?: ChecksumAlgorithm;
}

export const copyObject = (parts: S3Parts): Action<CopyInput> => ({
  authorize(input) {
    const source = readSource(input);
    const needs = [...readNeeds(parts, source), ...putNeeds(parts, input)];
    const tags = parts.objects.latest(source.Bucket, source.Key)?.attributes.Tags ?? {};
    if (input.TaggingDirective !== 'REPLACE' && Object.keys(tags).length > 0) {
      needs.push(objectNeed(parts, 'GetObjectTagging', source));
      needs.push(objectNeed(parts, 'PutObjectTagging', input));
    }
    return needs;
  },
  run(input, call) {
    const from = readSource(input);
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    requireKeyLength(input.Key);
    const source = requireObject(parts, from);
    checkCopySource(
      {
        IfMatch: input.CopySourceIfMatch,
        IfNoneMatch: input.CopySourceIfNoneMatch,
        IfModifiedSince: input.CopySourceIfModifiedSince,
        IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
      },
      source,
    );
    checkWrite(input, input.Key, parts.objects.latest(input.Bucket, input.Key));
    refuseCopyOntoItself(input, from);
    const body = parts.bodies.readAll(source.body);
    const fresh = newAttributes(input, bucket, parts.cloud);
    const { attributes } = source;
    const kept = input.MetadataDirective === 'REPLACE' ? {} : attributes;
    const algorithm = input.ChecksumAlgorithm ?? attributes.checksum?.algorithm ?? 'CRC64NVME';
    const object = parts.objects.put(
      {
        bucket: bucket.name,
        key: input.Key,
        size: body.length,
        etag: attributes.parts === undefined ? source.etag : md5Hex(body),
        attributes: {
          ...fresh,
          ...pick(kept),
          Tags: input.TaggingDirective === 'REPLACE' ? fresh.Tags : attributes.Tags,
          checksum: { algorithm, value: checksum(algorithm, body), type: 'FULL_OBJECT' },
        },
        body: parts.bodies.write(body),
      },
      bucket.versioned,
    );
    const requestId = call.requestId;
    const name = 'ObjectCreated:Copy';
    parts.notifications.publish({ bucket, object, name, reason: 'CopyObject', requestId });
    const { ETag, ChecksumType, ...rest } = written(object);
    return {
      ...rest,
      ...(from.VersionId !== undefined && { CopySourceVersionId: from.VersionId }),
      CopyObjectResult: {
        ETag,
        LastModified: new Date(object.modified),
        [`Checksum${algorithm}`]: object.attributes.checksum?.value,
        ChecksumType,
      },
    };
  },
});

/** The members that are copied unless the request replaces them. */
function pick(attributes: Partial<ObjectAttributes>): object {
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage } =
    attributes;
  const { Expires, Metadata } = attributes;
  const members = {
    ContentType,
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    Expires,
    Metadata,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function readSource(input: CopyInput): ObjectInput {
  const [path = '', query = ''] = input.CopySource.replace(/^\//, '').split('?versionId=');
  const [Bucket = '', ...key] = path.split('/');
  if (Bucket === '' || key.join('/') === '') {
    throw invalidArgument(
      'Invalid copy source object key',
      'x-amz-copy-source',
      'x-amz-copy-source',
    );
  }
  return {
    Bucket: decodeURIComponent(Bucket),
    Key: decodeURIComponent(key.join('/')),
    ...(query !== '' && { VersionId: query }),
    ExpectedBucketOwner: input.ExpectedSourceBucketOwner,
  };
}

function refuseCopyOntoItself(input: CopyInput, from: ObjectInput): void {
  const same = from.Bucket === input.Bucket && from.Key === input.Key;
  const changes =
    from.VersionId !== undefined ||
    input.MetadataDirective === 'REPLACE' ||
    input.StorageClass !== undefined ||
    input.ServerSideEncryption !== undefined;
  if (same && !changes) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}
