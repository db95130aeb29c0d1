import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { s3Service } from '#local/services/s3/s3.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeBucket } from '#tests/support/s3-buckets.ts';

const RECORDED = resolve('../shared/conformance/aws_protocol/localstack_s3_recorded.jsonl');
const ifRecorded = existsSync(RECORDED) ? it : it.skip;

interface Line {
  readonly test: string;
  readonly responses: Record<
    string,
    {
      Error?: { Code: string; Message: string };
      ResponseMetadata?: { HTTPStatusCode: number };
    }
  >;
}

let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: S3Client;
let lines: Line[] = [];
const Bucket = 'files';
const Key = 'key';
const object = { Bucket, Key };
const upload = { ...object, UploadId: 'fakeid' };

beforeAll(async () => {
  cloud = await bareCloud((c) => [s3Service(c)]);
  client = new S3Client(cloud.client);
  await makeBucket(cloud.cloud);
  await client.send(new PutObjectCommand({ ...object, Body: '12345678' }));
  if (existsSync(RECORDED)) {
    lines = readFileSync(RECORDED, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  }
});
afterAll(() => cloud.close());

const CASES: readonly [test: string, response: string, act: () => Promise<unknown>][] = [
  [
    'TestS3::test_invalid_range_error',
    'exc',
    () => client.send(new GetObjectCommand({ ...object, Range: 'bytes=1024-4096' })),
  ],
  [
    'TestS3::test_different_location_constraint',
    'get-bucket-location-non-existent-bucket',
    () => client.send(new GetBucketLocationCommand({ Bucket: 'nowhere' })),
  ],
  [
    'TestS3::test_multipart_no_such_upload',
    'upload-exc',
    () => client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' })),
  ],
  [
    'TestS3::test_multipart_no_such_upload',
    'complete-exc',
    () =>
      client.send(
        new CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag: 'x' }] },
        }),
      ),
  ],
  [
    'TestS3::test_multipart_no_such_upload',
    'abort-exc',
    () => client.send(new AbortMultipartUploadCommand(upload)),
  ],
  [
    'TestS3MultipartUploadChecksum::test_multipart_parts_checksum_exceptions_composite',
    'create-mpu-wrong-checksum-algo',
    () =>
      client.send(
        new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: 'TEST' as never }),
      ),
  ],
  [
    'TestS3MultipartUploadChecksum::test_multipart_checksum_type_compatibility[COMPOSITE-CRC64NVME]',
    'create-mpu-checksum-exc',
    () =>
      client.send(
        new CreateMultipartUploadCommand({
          ...object,
          ChecksumAlgorithm: 'CRC64NVME',
          ChecksumType: 'COMPOSITE',
        }),
      ),
  ],
  [
    'TestS3ObjectWritePrecondition::test_put_object_if_none_match',
    'put-obj-if-none-match',
    () => client.send(new PutObjectCommand({ ...object, IfNoneMatch: '*', Body: 'x' })),
  ],
  [
    'TestS3ObjectWritePrecondition::test_put_object_if_match_validation',
    'put-obj-if-match-star-value',
    () => client.send(new PutObjectCommand({ ...object, IfMatch: '*', Body: 'x' })),
  ],
  [
    'TestS3ObjectWritePrecondition::test_put_object_if_match_validation',
    'put-obj-if-match-bad-value',
    () =>
      client.send(new PutObjectCommand({ Bucket, Key: 'absent', IfMatch: 'abcdef', Body: 'x' })),
  ],
  [
    'TestS3PutObjectChecksum::test_put_object_checksum[CRC32C]',
    'put-wrong-checksum-value',
    () => client.send(new PutObjectCommand({ ...object, Body: 'x', ChecksumCRC32C: 'AAAAAA==' })),
  ],
  [
    'TestS3PutObjectChecksum::test_put_object_checksum[SHA256]',
    'put-wrong-checksum-no-b64',
    () => client.send(new PutObjectCommand({ ...object, Body: 'x', ChecksumSHA256: 'test' })),
  ],
  [
    'TestS3::test_s3_invalid_content_md5',
    'md5-error-0',
    () => client.send(new PutObjectCommand({ ...object, Body: 'x', ContentMD5: '__invalid__' })),
  ],
  [
    'TestS3::test_s3_copy_object_in_place',
    'copy-object-in-place-no-change',
    () => client.send(new CopyObjectCommand({ ...object, CopySource: `${Bucket}/${Key}` })),
  ],
  [
    'TestS3::test_s3_copy_object_src_not_exists',
    'copy-object-src-object-not-exists',
    () => client.send(new CopyObjectCommand({ ...object, CopySource: `${Bucket}/absent` })),
  ],
  [
    'TestS3ListObjectsV2::test_list_objects_v2_continuation_start_after',
    'exc-continuation-token',
    () => client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'x' })),
  ],
  [
    'TestS3::test_put_object_storage_class_outposts',
    'put-object-outposts',
    () => client.send(new PutObjectCommand({ ...object, StorageClass: 'OUTPOSTS', Body: 'x' })),
  ],
];

ifRecorded.each(CASES)('answers as recorded on AWS: %s %s', async (test, response, act) => {
  const recorded = lines.find((line) => line.test === test)?.responses[response];
  const failure: unknown = await act().then(
    () => 'no failure',
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(S3ServiceException);
  const { name, message, $metadata } = failure as S3ServiceException;
  expect({ name, message, status: $metadata.httpStatusCode }).toEqual({
    name: recorded?.Error?.Code,
    message: recorded?.Error?.Message,
    status: recorded?.ResponseMetadata?.HTTPStatusCode,
  });
});
