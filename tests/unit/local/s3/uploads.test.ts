import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { s3Service } from '#local/services/s3/s3.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeBucket } from '#tests/support/s3-buckets.ts';

const stateFolder = mkdtempSync(join(tmpdir(), 'mirai-s3-'));
let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: S3Client;
const Bucket = 'files';
const FIVE_MB = 5 * 1024 * 1024;

beforeAll(async () => {
  cloud = await bareCloud((c) => [s3Service(c)], { stateFolder });
  client = new S3Client(cloud.client);
  await makeBucket(cloud.cloud);
  await makeBucket(cloud.cloud, {
    BucketName: 'versioned',
    VersioningConfiguration: { Status: 'Enabled' },
  });
  await makeBucket(cloud.cloud, {
    BucketName: 'sealed',
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } } },
  });
});
afterAll(async () => {
  await cloud.close();
  rmSync(stateFolder, { recursive: true });
});

const files = () =>
  readdirSync(join(stateFolder, 'objects')).flatMap((shelf) =>
    readdirSync(join(stateFolder, 'objects', shelf)),
  );
const textOf = async (Key: string, more = {}) =>
  (await client.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();

describe('multipart uploads', () => {
  const begin = async (Key: string) =>
    (
      await client.send(
        new CreateMultipartUploadCommand({
          Bucket,
          Key,
          ContentType: 'text/plain',
          ChecksumAlgorithm: 'CRC32',
        }),
      )
    ).UploadId;
  const part = async (
    Key: string,
    UploadId: string | undefined,
    PartNumber: number,
    Body: string,
  ) => {
    const { ETag, ChecksumCRC32 } = await client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
    );
    return { ETag, ChecksumCRC32, PartNumber };
  };

  it('joins the parts and forgets the upload', async () => {
    const Key = 'joined';
    const UploadId = await begin(Key);
    const second = await part(Key, UploadId, 2, 'end');
    const first = await part(Key, UploadId, 1, 'a'.repeat(FIVE_MB));
    const listed = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, FIVE_MB],
      [2, 3],
    ]);
    const Parts = [first, second];
    const done = await client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(done.ChecksumCRC32).toMatch(/-2$/);
    const object = await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=-4' }));
    expect(await object.Body?.transformToString()).toBe('aend');
    expect(object).toMatchObject({ ContentType: 'text/plain', ETag: done.ETag });
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(uploads.Uploads).toBeUndefined();
    await expect(
      client.send(new ListPartsCommand({ Bucket, Key, UploadId })),
    ).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
    await sleep(20);
    expect(files()).toHaveLength(1);
  });

  it('refuses small, unordered, unknown and missing parts', async () => {
    const Key = 'refused';
    const UploadId = await begin(Key);
    const Parts = [await part(Key, UploadId, 1, 'small'), await part(Key, UploadId, 2, 'end')];
    const complete = (list: object[] | undefined) =>
      client.send(
        new CompleteMultipartUploadCommand({
          Bucket,
          Key,
          UploadId,
          MultipartUpload: { Parts: list },
        }),
      );
    await expect(complete(Parts)).rejects.toMatchObject({
      name: 'EntityTooSmall',
      MinSizeAllowed: '5242880',
      PartNumber: '1',
    });
    await expect(complete(Parts.toReversed())).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([{ ...Parts[0], ETag: '"x"' }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    await expect(complete([{ ...Parts[0], ChecksumCRC32: undefined }])).rejects.toThrow(
      'The upload was created using a crc32 checksum.',
    );
    await expect(complete([])).rejects.toThrow('You must specify at least one part');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    await expect(complete(Parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('versions', () => {
  it('keeps old versions, marks deletions, and brings back what is unmarked', async () => {
    const versioned = { Bucket: 'versioned', Key: 'k' };
    const put = (Body: string) => client.send(new PutObjectCommand({ ...versioned, Body }));
    const first = await put('1');
    const second = await put('2');
    expect(await textOf('k', versioned)).toBe('2');
    expect(await textOf('k', { ...versioned, VersionId: first.VersionId })).toBe('1');
    const marker = await client.send(new DeleteObjectCommand(versioned));
    expect(marker.DeleteMarker).toBe(true);
    await expect(textOf('k', versioned)).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(textOf('k', { ...versioned, VersionId: marker.VersionId })).rejects.toMatchObject({
      name: 'MethodNotAllowed',
    });
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: 'versioned' }));
    expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([
      second.VersionId,
      first.VersionId,
    ]);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
    await client.send(new DeleteObjectCommand({ ...versioned, VersionId: marker.VersionId }));
    expect(await textOf('k', versioned)).toBe('2');
  });

  it('holds locked versions until their time', async () => {
    const { VersionId } = await client.send(
      new PutObjectCommand({ Bucket: 'sealed', Key: 'k', Body: 'x' }),
    );
    await expect(
      client.send(new DeleteObjectCommand({ Bucket: 'sealed', Key: 'k', VersionId })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Access Denied because object protected by object lock.',
    });
    await client.send(new DeleteObjectCommand({ Bucket: 'sealed', Key: 'k' }));
    expect(await textOf('k', { Bucket: 'sealed', VersionId })).toBe('x');
  });
});

it('finds its objects again after an end without ceremony and sweeps what no row names', async () => {
  const path = join(stateFolder, 'state.sqlite');
  const folder = join(stateFolder, 'again');
  const first = await bareCloud((c) => [s3Service(c)], { path, stateFolder: folder });
  await makeBucket(first.cloud);
  const Body = 'x'.repeat(100_000);
  const before = new S3Client(first.client);
  await before.send(new PutObjectCommand({ Bucket, Key: 'large', Body }));
  await before.send(new PutObjectCommand({ Bucket, Key: 'small', Body: 'y' }));
  // What a crash between file and row leaves behind.
  mkdirSync(join(folder, 'objects', 'fe'), { recursive: true });
  writeFileSync(join(folder, 'objects', 'fe', 'feed.part'), 'half');
  const second = await bareCloud((c) => [s3Service(c)], { path, stateFolder: folder });
  const after = new S3Client(second.client);
  const large = await after.send(new GetObjectCommand({ Bucket, Key: 'large' }));
  expect(await large.Body?.transformToString()).toBe(Body);
  const small = await after.send(new GetObjectCommand({ Bucket, Key: 'small' }));
  expect(await small.Body?.transformToString()).toBe('y');
  expect(readdirSync(join(folder, 'objects', 'fe'))).not.toContain('feed.part');
  await second.close();
  await first.close();
});
