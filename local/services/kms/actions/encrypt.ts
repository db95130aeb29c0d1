import type { Action } from '#local/kernel/service.ts';
import { seal } from '../ciphertext.ts';
import {
  blob,
  contextOf,
  keyNeed,
  refuseOthers,
  requestedKey,
  symmetricOnly,
  usable,
  type KeyRequest,
  type KmsContext,
} from '../request.ts';

interface EncryptInput extends KeyRequest {
  readonly Plaintext?: string;
}

/** The largest plaintext that a symmetric key encrypts itself, in bytes. */
const MOST_PLAINTEXT_BYTES = 4096;

/** Encrypts up to 4 KB, bound to the encryption context. */
export function encrypt(kms: KmsContext): Action<EncryptInput> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('Encrypt', input, [
        'KeyId',
        'Plaintext',
        'EncryptionContext',
        'EncryptionAlgorithm',
      ]);
      symmetricOnly(input.EncryptionAlgorithm);
      return [keyNeed(kms, 'Encrypt', requestedKey(kms, input), input)];
    },
    run(input) {
      const key = requestedKey(kms, input);
      const plaintext = blob('plaintext', input.Plaintext, MOST_PLAINTEXT_BYTES);
      usable(key, 'Encrypt', 'SYMMETRIC_DEFAULT', input);
      return {
        CiphertextBlob: seal(key, plaintext, contextOf(input)),
        KeyId: key.arn,
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  };
}
