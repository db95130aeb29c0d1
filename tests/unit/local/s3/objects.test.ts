import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
  type GetObjectCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { s3Service } from '#local/services/s3/s3.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeBucket } from '#tests/support/s3-buckets.ts';

const stateFolder = mkdtempSync(join(tmpdir(), 'mirai-s3-'));
let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: S3Client;
const Bucket = 'files';

beforeAll(async () => {
  cloud = await bareCloud((c) => [s3Service(c)], { stateFolder });
  client = new S3Client(cloud.client);
  await makeBucket(cloud.cloud);
});
afterAll(async () => {
  await cloud.close();
  rmSync(stateFolder, { recursive: true });
});

const put = (Key: string, Body: string | Uint8Array, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  client.send(new GetObjectCommand({ Bucket, Key, ...more }));

describe('objects', () => {
  it('gives back the body, its type and its metadata', async () => {
    const { ETag } = await put('a/ä b+c.txt', 'héllo', {
      ContentType: 'text/plain',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      Metadata: { origin: 'here' },
      Tagging: 'a=1&b=2',
    });
    const object = await get('a/ä b+c.txt');
    expect(await object.Body?.transformToString()).toBe('héllo');
    expect(object).toMatchObject({
      ETag,
      ContentType: 'text/plain',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      ContentLength: 6,
      Metadata: { origin: 'here' },
      ServerSideEncryption: 'AES256',
      TagCount: 2,
      AcceptRanges: 'bytes',
    });
    const { TagSet } = await client.send(
      new GetObjectTaggingCommand({ Bucket, Key: 'a/ä b+c.txt' }),
    );
    expect(TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]);
  });

  it('stores large bodies in files and reads ranges of them', async () => {
    const body = Buffer.alloc(300_000, 'abcdefgh');
    await put('large', body);
    const object = await get('large', { Range: 'bytes=100000-100003' });
    expect(await object.Body?.transformToString()).toBe('abcd');
    expect(object.ContentRange).toBe('bytes 100000-100003/300000');
    expect(object.$metadata.httpStatusCode).toBe(206);
    const whole = await (await get('large')).Body?.transformToByteArray();
    expect(Buffer.from(whole ?? []).equals(body)).toBe(true);
  });

  it.each([
    ['bytes=2-', 'cdefgh', 'bytes 2-7/8'],
    ['bytes=-3', 'fgh', 'bytes 5-7/8'],
    ['bytes=6-100', 'gh', 'bytes 6-7/8'],
  ])('answers the range %s', async (Range, text, ContentRange) => {
    await put('range', 'abcdefgh');
    const object = await get('range', { Range });
    expect(await object.Body?.transformToString()).toBe(text);
    expect(object.ContentRange).toBe(ContentRange);
  });

  it('refuses a range beyond the end', async () => {
    await put('range', 'abcdefgh');
    await expect(get('range', { Range: 'bytes=1024-4096' })).rejects.toMatchObject({
      name: 'InvalidRange',
      message: 'The requested range is not satisfiable',
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('overrides headers of the answer when asked', async () => {
    await put('override', 'x');
    expect(await get('override', { ResponseContentType: 'text/csv' })).toMatchObject({
      ContentType: 'text/csv',
    });
  });

  it('says which key or bucket is missing', async () => {
    await expect(get('absent')).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      Key: 'absent',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(
      client.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' })),
    ).rejects.toMatchObject({ name: 'NoSuchBucket', BucketName: 'nowhere' });
    await expect(
      client.send(new HeadObjectCommand({ Bucket, Key: 'absent' })),
    ).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('tells the size on HEAD without the body', async () => {
    await put('head', 'four');
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'head' }))).toMatchObject({
      ContentLength: 4,
      ContentType: 'application/octet-stream',
    });
  });

  it('deletes one and many, present or not', async () => {
    await put('d1', 'x');
    await put('d2', 'x');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'd1' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'd1' }));
    const { Deleted, Errors } = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'd2' }, { Key: 'never & <there>' }] },
      }),
    );
    expect(Deleted).toEqual([{ Key: 'd2' }, { Key: 'never & <there>' }]);
    expect(Errors).toBeUndefined();
    await expect(get('d2')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('copies with the metadata or in its place', async () => {
    await put('source', 'copied', { ContentType: 'text/plain', Metadata: { a: '1' } });
    const { CopyObjectResult } = await client.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source` }),
    );
    expect(CopyObjectResult).toMatchObject({ ETag: (await get('source')).ETag });
    expect(await get('copy')).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/source`,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
      }),
    );
    expect((await get('copy')).Metadata).toEqual({ b: '2' });
    await expect(
      client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/copy` })),
    ).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expect(
      client.send(
        new CopyObjectCommand({
          Bucket,
          Key: 'copy',
          CopySource: `${Bucket}/source`,
          CopySourceIfMatch: 'other',
        }),
      ),
    ).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'x-amz-copy-source-If-Match',
    });
  });

  it('knows its buckets', async () => {
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    await client.send(new HeadBucketCommand({ Bucket }));
    await expect(client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    const location = await client.send(new GetBucketLocationCommand({ Bucket }));
    expect(location.LocationConstraint).toBeUndefined();
    await expect(get('x', { ExpectedBucketOwner: '111111111111' })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('refuses by name what it does not serve', async () => {
    await expect(put('acl', 'x', { ACL: 'public-read' })).rejects.toMatchObject({
      name: 'AccessControlListNotSupported',
    });
    await expect(put('web', 'x', { WebsiteRedirectLocation: '/y' })).rejects.toMatchObject({
      name: 'NotServedLocally',
    });
    await expect(
      makeBucket(cloud.cloud, { BucketName: 'web', WebsiteConfiguration: {} }),
    ).rejects.toThrow('the property WebsiteConfiguration of AWS::S3::Bucket');
  });
});
