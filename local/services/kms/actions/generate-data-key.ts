import { randomBytes } from 'node:crypto';
import type { Action } from '#local/kernel/service.ts';
import { seal } from '../ciphertext.ts';
import {
  contextOf,
  invalid,
  keyNeed,
  refuseOthers,
  requestedKey,
  usable,
  type KeyRequest,
  type KmsContext,
} from '../request.ts';

interface DataKeyInput extends KeyRequest {
  readonly KeySpec?: string;
  readonly NumberOfBytes?: number;
}

const SPEC_BYTES: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };
const MOST_BYTES = 1024;

/** A new data key, in the clear and under the KMS key. */
export const generateDataKey = (kms: KmsContext): Action<DataKeyInput> =>
  dataKey(kms, 'GenerateDataKey');

/** A new data key under the KMS key only. */
export const generateDataKeyWithoutPlaintext = (kms: KmsContext): Action<DataKeyInput> =>
  dataKey(kms, 'GenerateDataKeyWithoutPlaintext');

function dataKey(kms: KmsContext, action: string): Action<DataKeyInput> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers(action, input, ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext']);
      return [keyNeed(kms, action, requestedKey(kms, input), input)];
    },
    run(input) {
      const key = requestedKey(kms, input);
      const plaintext = randomBytes(bytesOf(input));
      usable(key, action, 'SYMMETRIC_DEFAULT', input);
      return {
        CiphertextBlob: seal(key, plaintext, contextOf(input)),
        KeyId: key.arn,
        ...(action === 'GenerateDataKey' && { Plaintext: plaintext.toString('base64') }),
      };
    },
  };
}

function bytesOf({ KeySpec, NumberOfBytes }: DataKeyInput): number {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined))
    throw invalid('Please specify either number of bytes or key spec.');
  const bytes = KeySpec === undefined ? NumberOfBytes : SPEC_BYTES[KeySpec];
  if (bytes !== undefined && Number.isInteger(bytes) && bytes >= 1 && bytes <= MOST_BYTES)
    return bytes;
  throw invalid(
    KeySpec === undefined
      ? `1 validation error detected: Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value between 1 and ${MOST_BYTES}`
      : `1 validation error detected: Value '${KeySpec}' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]`,
  );
}
