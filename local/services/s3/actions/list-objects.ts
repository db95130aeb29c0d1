import type { Action } from '#local/kernel/service.ts';
import { bucketNeed } from '../access.ts';
import type { ObjectRecord } from '../objects/object-record.ts';
import { invalidArgument } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';

interface Input {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly ContinuationToken?: string;
  readonly StartAfter?: string;
  readonly EncodingType?: string;
  readonly FetchOwner?: boolean;
}

/** A page holds at most 1,000 keys and common prefixes. */
const MAX_KEYS = 1000;
const CHUNK = 500;
/** After every key: the highest code point that UTF-8 can encode. */
const LAST = '\u{10ffff}';

export const listObjectsV2 = (parts: S3Parts): Action<Input> => ({
  reads: true,
  authorize: (input) => [
    bucketNeed(parts, 'ListBucket', input.Bucket, {
      ...(input.Prefix !== undefined && { 's3:prefix': input.Prefix }),
      ...(input.Delimiter !== undefined && { 's3:delimiter': input.Delimiter }),
      ...(input.MaxKeys !== undefined && { 's3:max-keys': String(input.MaxKeys) }),
    }),
  ],
  run(input) {
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const encode = encoder(input.EncodingType);
    const limit = Math.min(input.MaxKeys ?? MAX_KEYS, MAX_KEYS);
    if (limit < 0) throw invalidArgument('maxKeys cannot be negative', 'max-keys', String(limit));
    const page = readPage(parts, bucket.name, input, limit);
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      ...(input.Delimiter !== undefined && { Delimiter: encode(input.Delimiter) }),
      MaxKeys: input.MaxKeys ?? MAX_KEYS,
      KeyCount: page.objects.length + page.prefixes.length,
      IsTruncated: page.next !== undefined,
      EncodingType: input.EncodingType,
      ContinuationToken: input.ContinuationToken,
      StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
      NextContinuationToken: page.next && writeToken(page.next),
      Contents: page.objects.map((object) => ({
        Key: encode(object.key),
        LastModified: new Date(object.modified),
        ETag: `"${object.etag}"`,
        ChecksumAlgorithm: object.attributes.checksum && [object.attributes.checksum.algorithm],
        ChecksumType: object.attributes.checksum?.type,
        Size: object.size,
        StorageClass: object.attributes.StorageClass ?? 'STANDARD',
        ...(input.FetchOwner && { Owner: { ID: parts.cloud.account } }),
      })),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },
});

/** How keys are written under `encoding-type`. @throws AwsError InvalidArgument */
export function encoder(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== 'url') {
    throw invalidArgument(
      'Invalid Encoding Method specified in Request',
      'encoding-type',
      encodingType,
    );
  }
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
}

interface Page {
  readonly objects: readonly ObjectRecord[];
  readonly prefixes: readonly string[];
  /** Where the next page goes on. */
  readonly next?: Position;
}

/** From this key on; with `after`, only what follows it. */
interface Position {
  readonly from: string;
  readonly after: boolean;
}

function readPage(parts: S3Parts, bucket: string, input: Input, limit: number): Page {
  const { Prefix: prefix = '', Delimiter: delimiter = '' } = input;
  const objects: ObjectRecord[] = [];
  const prefixes: string[] = [];
  let position = startOf(input, prefix);
  while (limit > 0) {
    const rows = parts.objects.list(bucket, position.from, !position.after, CHUNK);
    let skipped = false;
    for (const object of rows) {
      if (!object.key.startsWith(prefix)) return { objects, prefixes };
      if (objects.length + prefixes.length === limit) return { objects, prefixes, next: position };
      const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
      if (end < 0) {
        objects.push(object);
        position = { from: object.key, after: true };
        continue;
      }
      const common = object.key.slice(0, end + delimiter.length);
      prefixes.push(common);
      position = { from: common + LAST, after: true };
      skipped = true;
      break;
    }
    if (!skipped && rows.length < CHUNK) break;
  }
  return { objects, prefixes };
}

function startOf(input: Input, prefix: string): Position {
  if (input.ContinuationToken !== undefined) return readToken(input.ContinuationToken);
  const { StartAfter: after, Delimiter: delimiter = '' } = input;
  if (after === undefined || after < prefix) return { from: prefix, after: false };
  // What shares a common prefix with the start was counted before it.
  const end = delimiter === '' ? -1 : after.indexOf(delimiter, prefix.length);
  if (end >= 0 && after.startsWith(prefix)) {
    return { from: after.slice(0, end + delimiter.length) + LAST, after: true };
  }
  return { from: after, after: true };
}

const writeToken = (position: Position): string =>
  Buffer.from(JSON.stringify([position.from, position.after])).toString('base64');

function readToken(token: string): Position {
  try {
    const [from, after] = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as [
      string,
      boolean,
    ];
    if (typeof from === 'string') return { from, after };
  } catch {
    // Answered below.
  }
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
}
