import { createHash } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import { invalidRequest } from '../s3-errors.ts';
import {
  checksum,
  CHECKSUM_ALGORITHMS,
  CHECKSUM_BYTES,
  type ChecksumAlgorithm,
} from './checksum.ts';

/** Members of a request by which its body can be checked. */
export type BodyChecks = {
  readonly [member in `Checksum${ChecksumAlgorithm}`]?: string;
} & { readonly ContentMD5?: string; readonly SdkChecksumAlgorithm?: string };

/** A checksum that a body was found to have. */
export interface KnownChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

/**
 * Checks a body against the digests that came with it.
 *
 * @returns the checksum to keep: the one given, else CRC64NVME, which S3 computes by itself
 * @throws AwsError BadDigest, InvalidDigest or InvalidRequest
 */
export function checkBody(input: BodyChecks, body: Buffer): KnownChecksum {
  if (input.ContentMD5 !== undefined) checkMd5(input.ContentMD5, body);
  const given = CHECKSUM_ALGORITHMS.filter((name) => input[`Checksum${name}`] !== undefined);
  if (given.length > 1) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [algorithm] = given;
  if (!algorithm) {
    const wanted = CHECKSUM_ALGORITHMS.find((name) => name === input.SdkChecksumAlgorithm);
    const chosen = wanted ?? 'CRC64NVME';
    return { algorithm: chosen, value: checksum(chosen, body) };
  }
  const value = input[`Checksum${algorithm}`] as string;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== CHECKSUM_BYTES[algorithm] || bytes.toString('base64') !== value) {
    throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
  }
  if (checksum(algorithm, body) !== value) {
    throw new AwsError(
      'BadDigest',
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  }
  return { algorithm, value };
}

function checkMd5(given: string, body: Buffer): void {
  const bytes = Buffer.from(given, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== given) {
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, {
      'Content-MD5': given,
    });
  }
  const calculated = createHash('md5').update(body).digest();
  if (!calculated.equals(bytes)) {
    throw new AwsError(
      'BadDigest',
      'The Content-MD5 you specified did not match what we received.',
      400,
      { ExpectedDigest: bytes.toString('hex'), CalculatedDigest: calculated.toString('base64') },
    );
  }
}
