import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { s3Service } from '#local/services/s3/s3.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeBucket } from '#tests/support/s3-buckets.ts';

let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: S3Client;
const Bucket = 'files';
const KEYS = ['a.txt', 'b/1', 'b/2', 'b/c/3', 'd/4', 'e e&<f>', 'é', '￿', '\u{1f600}'];

beforeAll(async () => {
  cloud = await bareCloud((c) => [s3Service(c)]);
  client = new S3Client(cloud.client);
  await makeBucket(cloud.cloud);
  for (const Key of KEYS.toReversed()) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  }
});
afterAll(() => cloud.close());

const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
  client.send(new ListObjectsV2Command({ Bucket, ...more }));
const keysOf = (page: Awaited<ReturnType<typeof list>>) =>
  (page.Contents ?? []).map(({ Key }) => Key);

it('lists keys in the order of their UTF-8 bytes', async () => {
  const page = await list();
  expect(keysOf(page)).toEqual(KEYS);
  expect(page).toMatchObject({ KeyCount: KEYS.length, IsTruncated: false, MaxKeys: 1000 });
  expect(page.Contents?.[0]).toMatchObject({ Size: 5, StorageClass: 'STANDARD' });
});

it('rolls keys up to the delimiter', async () => {
  const root = await list({ Delimiter: '/' });
  expect(root.CommonPrefixes).toEqual([{ Prefix: 'b/' }, { Prefix: 'd/' }]);
  expect(keysOf(root)).toEqual(['a.txt', 'e e&<f>', 'é', '￿', '\u{1f600}']);
  const below = await list({ Delimiter: '/', Prefix: 'b/' });
  expect(below.CommonPrefixes).toEqual([{ Prefix: 'b/c/' }]);
  expect(keysOf(below)).toEqual(['b/1', 'b/2']);
});

it.each([1, 2, 3, 4])('pages by %i through keys and common prefixes', async (MaxKeys) => {
  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await list({ Delimiter: '/', MaxKeys, ContinuationToken });
    expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
    seen.push(...keysOf(page), ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(seen.toSorted()).toEqual(
    ['a.txt', 'b/', 'd/', 'e e&<f>', 'é', '￿', '\u{1f600}'].toSorted(),
  );
});

it('starts after a key and encodes keys when asked', async () => {
  const page = await list({ StartAfter: 'b/c/3', MaxKeys: 2, EncodingType: 'url' });
  expect(keysOf(page)).toEqual(['d/4', 'e+e%26%3Cf%3E']);
  expect(page.IsTruncated).toBe(true);
});

it('lists nothing for a limit of 0 or a prefix that none has', async () => {
  expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  expect(keysOf(await list({ Prefix: 'zzz' }))).toEqual([]);
});

it('refuses a wrong token, a wrong encoding and a bucket that is not there', async () => {
  await expect(list({ ContinuationToken: 'nonsense' })).rejects.toMatchObject({
    name: 'InvalidArgument',
    message: 'The continuation token provided is incorrect',
  });
  await expect(list({ EncodingType: 'value' as never })).rejects.toMatchObject({
    message: 'Invalid Encoding Method specified in Request',
  });
  await expect(list({ Bucket: 'nowhere' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
});
