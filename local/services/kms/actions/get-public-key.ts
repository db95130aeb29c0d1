import { createPublicKey } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import {
  keyNeed,
  refuseOthers,
  requestedKey,
  usable,
  type KeyRequest,
  type KmsContext,
} from '../request.ts';
import { privateHalf } from './sign.ts';

/** The public half of a signing key, as DER of its SubjectPublicKeyInfo. */
export function getPublicKey(kms: KmsContext): Action<KeyRequest> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('GetPublicKey', input, ['KeyId']);
      return [keyNeed(kms, 'GetPublicKey', requestedKey(kms, input), input)];
    },
    run(input) {
      const key = requestedKey(kms, input);
      if (key.spec === 'SYMMETRIC_DEFAULT') {
        throw new AwsError(
          'UnsupportedOperationException',
          `${key.arn} key spec is ${key.spec} which is not valid for GetPublicKey.`,
        );
      }
      usable(key, 'GetPublicKey', 'ECC_NIST_P256');
      return {
        KeyId: key.arn,
        PublicKey: createPublicKey(privateHalf(key))
          .export({ format: 'der', type: 'spki' })
          .toString('base64'),
        CustomerMasterKeySpec: key.spec,
        KeySpec: key.spec,
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ECDSA_SHA_256'],
      };
    },
  };
}
