import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { currentOrVersion, readNeeds, type ObjectInput } from '../access.ts';
import type { ObjectRecord } from '../objects/object-record.ts';
import { NULL_VERSION } from '../objects/object-store.ts';
import { checkRead, type Preconditions } from '../preconditions.ts';
import { noSuchKey, noSuchVersion } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';

export interface GetObjectInput extends ObjectInput, Preconditions {
  readonly Range?: string;
  readonly ChecksumMode?: string;
  readonly ResponseCacheControl?: string;
  readonly ResponseContentDisposition?: string;
  readonly ResponseContentEncoding?: string;
  readonly ResponseContentLanguage?: string;
  readonly ResponseContentType?: string;
  readonly ResponseExpires?: string;
}

export const getObject = (parts: S3Parts): Action<GetObjectInput> => ({
  reads: true,
  authorize: (input) => readNeeds(parts, input),
  run(input) {
    const object = requireObject(parts, input);
    checkRead(input, object);
    const range = readRange(input.Range, object.size);
    const [start, end] = range ?? [0, object.size];
    return {
      ...described(object, input, range === undefined),
      ContentLength: end - start,
      ...(range && { ContentRange: `bytes ${start}-${end - 1}/${object.size}` }),
      Body: parts.bodies.read(object.body, start, end),
    };
  },
});

export const headObject = (parts: S3Parts): Action<GetObjectInput> => ({
  reads: true,
  authorize: (input) => readNeeds(parts, input),
  run(input) {
    const object = requireObject(parts, input);
    checkRead(input, object);
    const range = readRange(input.Range, object.size);
    const [start, end] = range ?? [0, object.size];
    return {
      ...described(object, input, range === undefined),
      ContentLength: end - start,
      ...(range && { ContentRange: `bytes ${start}-${end - 1}/${object.size}` }),
    };
  },
});

/**
 * The version that a request means, which is not a delete marker.
 *
 * @throws AwsError NoSuchBucket, NoSuchKey, NoSuchVersion, MethodNotAllowed
 */
export function requireObject(parts: S3Parts, input: ObjectInput): ObjectRecord {
  parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
  const object = currentOrVersion(parts, input);
  if (!object) {
    throw input.VersionId === undefined
      ? noSuchKey(input.Key)
      : noSuchVersion(input.Key, input.VersionId);
  }
  if (!object.deleteMarker) return object;
  const marker = {
    'header:x-amz-delete-marker': 'true',
    'header:x-amz-version-id': object.versionId,
  };
  if (input.VersionId === undefined) {
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, {
      Key: input.Key,
      ...marker,
    });
  }
  throw new AwsError(
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    405,
    { Method: 'GET', ResourceType: 'DeleteMarker', ...marker },
  );
}

/** What an answer tells of an object, with what the request overrides. */
function described(object: ObjectRecord, input: GetObjectInput, whole: boolean): object {
  const { attributes, versionId } = object;
  const { checksum, Tags, parts: _parts, ...rest } = attributes;
  const tagCount = Object.keys(Tags ?? {}).length;
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(object.modified),
    ETag: `"${object.etag}"`,
    ...(versionId !== NULL_VERSION && { VersionId: versionId }),
    ...rest,
    ...overridden('CacheControl', input.ResponseCacheControl),
    ...overridden('ContentDisposition', input.ResponseContentDisposition),
    ...overridden('ContentEncoding', input.ResponseContentEncoding),
    ...overridden('ContentLanguage', input.ResponseContentLanguage),
    ...overridden('ContentType', input.ResponseContentType),
    ...overridden('Expires', input.ResponseExpires),
    ...(tagCount > 0 && { TagCount: tagCount }),
    ...(whole &&
      checksum &&
      input.ChecksumMode?.toUpperCase() === 'ENABLED' && {
        [`Checksum${checksum.algorithm}`]: checksum.value,
        ChecksumType: checksum.type,
      }),
  };
}

const overridden = (name: string, value: string | undefined): object =>
  value === undefined ? {} : { [name]: value };

/**
 * The bytes that `bytes=a-b`, `bytes=a-` or `bytes=-n` asks for; other forms are ignored, as in S3.
 *
 * @throws AwsError InvalidRange
 */
function readRange(range: string | undefined, size: number): [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [first, last] = [match[1] as string, match[2] as string];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && first !== '' && Number(last) < start) return undefined;
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
      RangeRequested: range,
      ActualObjectSize: size,
    });
  }
  return [start, end];
}
