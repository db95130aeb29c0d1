import type { Action } from '#local/kernel/service.ts';
import { bucketNeed, objectNeed, type ObjectInput } from '../access.ts';
import { checkBody, type BodyChecks } from '../objects/check-body.ts';
import { CHECKSUM_ALGORITHMS, md5Hex, type ChecksumAlgorithm } from '../objects/checksum.ts';
import { newAttributes, type AttributesInput } from '../objects/new-attributes.ts';
import type { Upload } from '../objects/upload-store.ts';
import { invalidArgument, invalidRequest } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';
import { encoder } from './list-objects.ts';
import { putNeeds, requireKeyLength } from './put-object.ts';

interface CreateInput extends ObjectInput, AttributesInput {
  readonly ChecksumAlgorithm?: string;
  readonly ChecksumType?: 'FULL_OBJECT' | 'COMPOSITE';
}

interface UploadInput extends ObjectInput {
  readonly UploadId: string;
}

interface PartInput extends UploadInput, BodyChecks {
  readonly PartNumber: number;
  readonly Body?: Buffer;
}

interface ListPartsInput extends UploadInput {
  readonly MaxParts?: number;
  readonly PartNumberMarker?: number;
}

const MAX_PARTS = 10_000;

export const createMultipartUpload = (parts: S3Parts): Action<CreateInput> => ({
  authorize: (input) => putNeeds(parts, input),
  run(input) {
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    requireKeyLength(input.Key);
    const attributes = newAttributes(input, bucket, parts.cloud);
    const checksum = uploadChecksum(input);
    const upload = parts.uploads.begin({
      bucket: bucket.name,
      key: input.Key,
      attributes,
      checksum,
    });
    return {
      Bucket: bucket.name,
      Key: input.Key,
      UploadId: upload.id,
      ServerSideEncryption: attributes.ServerSideEncryption,
      SSEKMSKeyId: attributes.SSEKMSKeyId,
      BucketKeyEnabled: attributes.BucketKeyEnabled,
      ChecksumAlgorithm: checksum?.algorithm,
      ChecksumType: checksum?.type,
    };
  },
});

export const uploadPart = (parts: S3Parts): Action<PartInput> => ({
  authorize: (input) => [objectNeed(parts, 'PutObject', input)],
  run(input) {
    parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    if (!(input.PartNumber >= 1 && input.PartNumber <= MAX_PARTS)) {
      throw invalidArgument(
        'Part number must be an integer between 1 and 10000, inclusive',
        'partNumber',
        String(input.PartNumber),
      );
    }
    const upload = parts.uploads.require(input.Bucket, input.Key, input.UploadId);
    const body = input.Body ?? Buffer.alloc(0);
    const checksum = checkBody(withAlgorithm(input, upload), body);
    if (upload.checksum && checksum.algorithm !== upload.checksum.algorithm) {
      throw invalidRequest(
        `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksum.algorithm.toLowerCase()}, ` +
          `actual checksum Type: ${checksum.algorithm.toLowerCase()}`,
      );
    }
    const replaced = parts.uploads
      .parts(upload.id)
      .find(({ number }) => number === input.PartNumber);
    const etag = md5Hex(body);
    parts.uploads.putPart(upload.id, {
      number: input.PartNumber,
      size: body.length,
      etag,
      checksum,
      body: parts.bodies.write(body),
    });
    parts.objects.dropFileLater(replaced?.body.file ?? null);
    return {
      ETag: `"${etag}"`,
      ServerSideEncryption: upload.attributes.ServerSideEncryption,
      [`Checksum${checksum.algorithm}`]: checksum.value,
    };
  },
});

export const abortMultipartUpload = (parts: S3Parts): Action<UploadInput> => ({
  authorize: (input) => [objectNeed(parts, 'AbortMultipartUpload', input)],
  run(input) {
    parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const upload = parts.uploads.require(input.Bucket, input.Key, input.UploadId);
    for (const file of parts.uploads.end(upload.id)) parts.objects.dropFileLater(file);
    return {};
  },
});

export const listParts = (parts: S3Parts): Action<ListPartsInput> => ({
  reads: true,
  authorize: (input) => [objectNeed(parts, 'ListMultipartUploadParts', input)],
  run(input) {
    parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const upload = parts.uploads.require(input.Bucket, input.Key, input.UploadId);
    const limit = Math.min(input.MaxParts ?? 1000, 1000);
    const after = Number(input.PartNumberMarker ?? 0);
    const all = parts.uploads.parts(upload.id).filter(({ number }) => number > after);
    const page = all.slice(0, limit);
    return {
      Bucket: input.Bucket,
      Key: input.Key,
      UploadId: upload.id,
      PartNumberMarker: after,
      NextPartNumberMarker: page.at(-1)?.number ?? 0,
      MaxParts: limit,
      IsTruncated: all.length > page.length,
      StorageClass: upload.attributes.StorageClass ?? 'STANDARD',
      ChecksumAlgorithm: upload.checksum?.algorithm,
      ChecksumType: upload.checksum?.type,
      Parts: page.map((part) => ({
        PartNumber: part.number,
        LastModified: new Date(part.modified),
        ETag: `"${part.etag}"`,
        Size: part.size,
        ...(part.checksum && { [`Checksum${part.checksum.algorithm}`]: part.checksum.value }),
      })),
    };
  },
});

interface ListUploadsInput {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
  readonly Prefix?: string;
  readonly EncodingType?: string;
}

export const listMultipartUploads = (parts: S3Parts): Action<ListUploadsInput> => ({
  reads: true,
  authorize: (input) => [bucketNeed(parts, 'ListBucketMultipartUploads', input.Bucket)],
  run(input) {
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const encode = encoder(input.EncodingType);
    return {
      Bucket: bucket.name,
      KeyMarker: '',
      UploadIdMarker: '',
      MaxUploads: 1000,
      IsTruncated: false,
      EncodingType: input.EncodingType,
      Uploads: parts.uploads.ofBucket(bucket.name, input.Prefix ?? '').map((upload) => ({
        UploadId: upload.id,
        Key: encode(upload.key),
        Initiated: new Date(upload.initiated),
        StorageClass: upload.attributes.StorageClass ?? 'STANDARD',
        ChecksumAlgorithm: upload.checksum?.algorithm,
        ChecksumType: upload.checksum?.type,
      })),
    };
  },
});

/** A part without a checksum of its own gets the one that the upload asks for. */
const withAlgorithm = (input: PartInput, upload: Upload): BodyChecks => ({
  ...input,
  SdkChecksumAlgorithm: upload.checksum?.algorithm ?? input.SdkChecksumAlgorithm,
});

function uploadChecksum(input: CreateInput): Upload['checksum'] {
  const { ChecksumAlgorithm: name, ChecksumType: type } = input;
  if (name === undefined) {
    if (type !== undefined) {
      throw invalidRequest(
        'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      );
    }
    return undefined;
  }
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toUpperCase());
  if (!algorithm) {
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: ' +
        '[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  }
  const impossible =
    algorithm === 'CRC64NVME'
      ? 'COMPOSITE'
      : algorithm.startsWith('SHA')
        ? 'FULL_OBJECT'
        : undefined;
  if (type !== undefined && type === impossible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: type ?? defaultType(algorithm) };
}

const defaultType = (algorithm: ChecksumAlgorithm): 'FULL_OBJECT' | 'COMPOSITE' =>
  algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
