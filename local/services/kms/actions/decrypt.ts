import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { keyOf, open } from '../ciphertext.ts';
import type { Key } from '../key-store.ts';
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

interface DecryptInput extends KeyRequest {
  readonly CiphertextBlob?: string;
}

/** The largest ciphertext that the API takes, in bytes. */
const MOST_CIPHERTEXT_BYTES = 6144;

/** Decrypts with the key that the blob names; a key given beside it must be that one. */
export function decrypt(kms: KmsContext): Action<DecryptInput> {
  const keyFor = (input: DecryptInput): Key => {
    const key = keyOf(input.CiphertextBlob ?? '', kms.keys);
    if (input.KeyId !== undefined && requestedKey(kms, input).id !== key.id) {
      throw new AwsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    return key;
  };
  return {
    reads: true,
    authorize(input) {
      refuseOthers('Decrypt', input, [
        'KeyId',
        'CiphertextBlob',
        'EncryptionContext',
        'EncryptionAlgorithm',
      ]);
      symmetricOnly(input.EncryptionAlgorithm);
      blob('ciphertextBlob', input.CiphertextBlob, MOST_CIPHERTEXT_BYTES);
      return [keyNeed(kms, 'Decrypt', keyFor(input), input)];
    },
    run(input) {
      const key = keyFor(input);
      usable(key, 'Decrypt', 'SYMMETRIC_DEFAULT', input);
      return {
        Plaintext: open(key, input.CiphertextBlob ?? '', contextOf(input)).toString('base64'),
        KeyId: key.arn,
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  };
}
