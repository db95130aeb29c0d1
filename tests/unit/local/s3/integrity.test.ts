import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  GetObjectAttributesCommand,
  GetObjectCommand,
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
const textOf = async (Key: string) => (await get(Key)).Body?.transformToString();

describe('conditions', () => {
  it('answers 304 to a reader whose copy is current and 412 to one whose is not', async () => {
    const { ETag } = await put('cond', 'x');
    await expect(get('cond', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('cond', { IfMatch: '"other"' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'If-Match',
      $metadata: { httpStatusCode: 412 },
    });
    await expect(
      get('cond', { IfModifiedSince: new Date(Date.now() + 10_000) }),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    expect(await textOf('cond')).toBe('x');
    expect((await get('cond', { IfNoneMatch: '"other"' })).$metadata.httpStatusCode).toBe(200);
  });

  it('writes only where nothing is, or over what was seen', async () => {
    const first = await put('once', '1', { IfNoneMatch: '*' });
    await expect(put('once', '2', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'If-None-Match',
    });
    await put('once', '3', { IfMatch: first.ETag });
    await expect(put('once', '4', { IfMatch: first.ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'If-Match',
    });
    await expect(put('none', '4', { IfMatch: first.ETag })).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    await expect(put('once', '4', { IfNoneMatch: 'x' })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    expect(await textOf('once')).toBe('3');
  });
});

describe('checksums', () => {
  const wrong = {
    CRC32: 'AAAAAA==',
    CRC32C: 'AAAAAA==',
    CRC64NVME: 'AAAAAAAAAAA=',
    SHA1: Buffer.alloc(20).toString('base64'),
    SHA256: Buffer.alloc(32).toString('base64'),
  };

  it.each(Object.keys(wrong) as (keyof typeof wrong)[])(
    'checks and keeps %s',
    async (algorithm) => {
      if (algorithm !== 'CRC64NVME') {
        await put('sum', 'checksum me', { ChecksumAlgorithm: algorithm });
        const object = await get('sum', { ChecksumMode: 'ENABLED' });
        expect(await object.Body?.transformToString()).toBe('checksum me');
        expect(object[`Checksum${algorithm}`]).toBeTruthy();
      }
      await expect(
        put('sum', 'checksum me', { [`Checksum${algorithm}`]: wrong[algorithm] }),
      ).rejects.toMatchObject({
        name: 'BadDigest',
        message: `The ${algorithm} you specified did not match the calculated checksum.`,
      });
      await expect(
        put('sum', 'x', { [`Checksum${algorithm}`]: 'c29tZXRoaW5n' }),
      ).rejects.toMatchObject({
        name: 'InvalidRequest',
        message: `Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`,
      });
    },
  );

  it('computes CRC64NVME as AWS does', async () => {
    // The check value of the algorithm's catalogue entry for "123456789".
    await put('crc64', '123456789', { ChecksumCRC64NVME: 'rosUhgp5mIg=' });
  });

  it('takes a body in chunks with its checksum behind it', async () => {
    const body = Readable.from([Buffer.from('stre'), Buffer.from('amed')]);
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body: body, ContentLength: 8 }),
    );
    expect(await textOf('stream')).toBe('streamed');
    const { ContentEncoding } = await get('stream');
    expect(ContentEncoding).toBeUndefined();
  });

  it('checks Content-MD5', async () => {
    await expect(put('md5', 'x', { ContentMD5: 'CYketZBSTjX8czcs3cXVlg==' })).rejects.toMatchObject(
      {
        name: 'BadDigest',
        message: 'The Content-MD5 you specified did not match what we received.',
      },
    );
    await expect(put('md5', 'x', { ContentMD5: 'MTIz' })).rejects.toMatchObject({
      name: 'InvalidDigest',
    });
  });

  it('tells an object’s attributes', async () => {
    await put('attributes', 'x', { ChecksumAlgorithm: 'SHA256' });
    const attributes = await client.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: 'attributes',
        ObjectAttributes: ['ETag', 'ObjectSize', 'Checksum', 'StorageClass'],
      }),
    );
    expect(attributes).toMatchObject({
      ETag: '9dd4e461268c8034f5c8564e155c67a6',
      ObjectSize: 1,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumType: 'FULL_OBJECT', ChecksumSHA256: expect.any(String) },
    });
  });
});
