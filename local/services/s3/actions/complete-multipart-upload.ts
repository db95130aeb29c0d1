import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { objectNeed, type ObjectInput } from '../access.ts';
import { checksum, md5Hex, type ChecksumAlgorithm } from '../objects/checksum.ts';
import type { ObjectAttributes } from '../objects/object-record.ts';
import type { Part, Upload } from '../objects/upload-store.ts';
import { checkWrite, type Preconditions } from '../preconditions.ts';
import { invalidRequest } from '../s3-errors.ts';
import type { S3Parts } from '../s3-parts.ts';
import { written } from './put-object.ts';

type PartReference = { readonly PartNumber: number; readonly ETag?: string } & {
  readonly [member in `Checksum${ChecksumAlgorithm}`]?: string;
};

type Input = ObjectInput &
  Preconditions & {
    readonly UploadId: string;
    readonly ChecksumType?: string;
    readonly MultipartUpload?: { readonly Parts?: readonly PartReference[] };
  } & { readonly [member in `Checksum${ChecksumAlgorithm}`]?: string };

/** Every part but the last has at least 5 MB. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export const completeMultipartUpload = (parts: S3Parts): Action<Input> => ({
  authorize: (input) => [
    objectNeed(parts, 'PutObject', input, {
      ...(input.IfNoneMatch !== undefined && { 's3:if-none-match': input.IfNoneMatch }),
      ...(input.IfMatch !== undefined && { 's3:if-match': input.IfMatch }),
    }),
    ...(input.IfMatch === undefined ? [] : [objectNeed(parts, 'GetObject', input)]),
  ],
  run(input, call) {
    const bucket = parts.buckets.require(input.Bucket, input.ExpectedBucketOwner);
    const upload = parts.uploads.require(input.Bucket, input.Key, input.UploadId);
    const chosen = chooseParts(input, upload, parts.uploads.parts(upload.id));
    checkConditions(input, upload, parts);
    const body = Buffer.concat(chosen.map((part) => parts.bodies.readAll(part.body)));
    const digests = Buffer.concat(chosen.map(({ etag }) => Buffer.from(etag, 'hex')));
    const object = parts.objects.put(
      {
        bucket: bucket.name,
        key: input.Key,
        size: body.length,
        etag: `${md5Hex(digests)}-${chosen.length}`,
        attributes: {
          ...upload.attributes,
          parts: chosen.length,
          checksum: wholeChecksum(input, upload, chosen, body),
        },
        body: parts.bodies.write(body),
      },
      bucket.versioned,
    );
    for (const file of parts.uploads.end(upload.id)) parts.objects.dropFileLater(file);
    parts.notifications.publish({
      bucket,
      object,
      name: 'ObjectCreated:CompleteMultipartUpload',
      reason: 'CompleteMultipartUpload',
      requestId: call.requestId,
    });
    return {
      Location: `${parts.cloud.endpoint}/${bucket.name}/${encodeURIComponent(input.Key)}`,
      Bucket: bucket.name,
      Key: input.Key,
      ...written(object),
    };
  },
});

/** A conditional completion also loses against a write that came after the upload began. */
function checkConditions(input: Input, upload: Upload, parts: S3Parts): void {
  const current = parts.objects.latest(input.Bucket, input.Key);
  checkWrite(input, input.Key, current);
  if (input.IfMatch !== undefined && current && current.modified > upload.initiated) {
    throw new AwsError(
      'ConditionalRequestConflict',
      'The conditional request cannot succeed due to a conflicting operation against this resource.',
      409,
      { Condition: 'If-Match', Key: input.Key },
    );
  }
}

function chooseParts(input: Input, upload: Upload, stored: readonly Part[]): Part[] {
  const wanted = input.MultipartUpload?.Parts ?? [];
  if (wanted.length === 0) throw invalidRequest('You must specify at least one part');
  if (input.ChecksumType && upload.checksum && input.ChecksumType !== upload.checksum.type) {
    throw invalidRequest(
      `The upload was created using the ${upload.checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const chosen = wanted.map((reference, at) => {
    const before = wanted[at - 1];
    if (before && before.PartNumber >= reference.PartNumber) {
      throw new AwsError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        400,
        { UploadId: upload.id },
      );
    }
    return matchingPart(reference, upload, stored);
  });
  const small = chosen.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (small) {
    throw new AwsError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      400,
      {
        ETag: small.etag,
        MinSizeAllowed: MIN_PART_BYTES,
        PartNumber: small.number,
        ProposedSize: small.size,
      },
    );
  }
  return chosen;
}

function matchingPart(reference: PartReference, upload: Upload, stored: readonly Part[]): Part {
  const etag = (reference.ETag ?? '').replaceAll('"', '');
  const part = stored.find(({ number }) => number === reference.PartNumber);
  const algorithm = upload.checksum?.algorithm;
  const given = algorithm && reference[`Checksum${algorithm}`];
  if (algorithm && upload.checksum?.type === 'COMPOSITE' && given === undefined) {
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${reference.PartNumber} in the request.`,
    );
  }
  if (!part || part.etag !== etag || (given !== undefined && given !== part.checksum?.value)) {
    throw new AwsError(
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      400,
      { ETag: etag, PartNumber: reference.PartNumber, UploadId: upload.id },
    );
  }
  return part;
}

function wholeChecksum(
  input: Input,
  upload: Upload,
  parts: readonly Part[],
  body: Buffer,
): ObjectAttributes['checksum'] {
  const { algorithm, type } = upload.checksum ?? { algorithm: 'CRC64NVME', type: 'FULL_OBJECT' };
  const digests = parts.map((part) => Buffer.from(part.checksum?.value ?? '', 'base64'));
  const value =
    type === 'COMPOSITE'
      ? `${checksum(algorithm, Buffer.concat(digests))}-${parts.length}`
      : checksum(algorithm, body);
  const given = input[`Checksum${algorithm}`];
  if (given !== undefined && given !== value && `${given}-${parts.length}` !== value) {
    throw new AwsError(
      'BadDigest',
      `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
    );
  }
  return { algorithm, value, type };
}
