import { createPrivateKey, createPublicKey, sign as signMessage, verify } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { isDigestSignature, signDigest } from '../digest-signature.ts';
import type { Key } from '../key-store.ts';
import {
  blob,
  invalid,
  keyNeed,
  refuseOthers,
  requestedKey,
  usable,
  type KeyRequest,
  type KmsContext,
} from '../request.ts';

interface SignInput extends KeyRequest {
  readonly Message?: string;
}

interface VerifyInput extends SignInput {
  readonly Signature?: string;
}

const MEMBERS = ['KeyId', 'Message', 'MessageType', 'SigningAlgorithm'];
const MOST_MESSAGE_BYTES = 4096;
const MOST_SIGNATURE_BYTES = 6144;
const DIGEST_BYTES = 32;

/** Signs a message up to 4 KB, or its SHA-256 digest, by ECDSA on P-256; the signature is DER. */
export function sign(kms: KmsContext): Action<SignInput> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('Sign', input, MEMBERS);
      return [keyNeed(kms, 'Sign', requestedKey(kms, input), input)];
    },
    run(input) {
      const key = requestedKey(kms, input);
      const message = messageFor(key, 'Sign', input);
      const signature =
        input.MessageType === 'DIGEST'
          ? signDigest(key.material, message)
          : signMessage('sha256', message, privateHalf(key));
      return {
        KeyId: key.arn,
        Signature: signature.toString('base64'),
        SigningAlgorithm: 'ECDSA_SHA_256',
      };
    },
  };
}

/** Whether a signature is of the key: answers, or fails with `KMSInvalidSignatureException`. */
export function verifySignature(kms: KmsContext): Action<VerifyInput> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('Verify', input, [...MEMBERS, 'Signature']);
      return [keyNeed(kms, 'Verify', requestedKey(kms, input), input)];
    },
    run(input) {
      const key = requestedKey(kms, input);
      const message = messageFor(key, 'Verify', input);
      const signature = blob('signature', input.Signature, MOST_SIGNATURE_BYTES);
      const valid =
        input.MessageType === 'DIGEST'
          ? isDigestSignature(key.material, message, signature)
          : verify('sha256', message, createPublicKey(privateHalf(key)), signature);
      if (!valid)
        throw new AwsError('KMSInvalidSignatureException', 'The signature is not of this message.');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: 'ECDSA_SHA_256' };
    },
  };
}

/** A key of this store as `node:crypto` takes it. */
export const privateHalf = ({ material }: Key) =>
  createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });

function messageFor(key: Key, action: string, input: SignInput): Buffer {
  const { MessageType = 'RAW', SigningAlgorithm } = input;
  const message = blob('message', input.Message, MOST_MESSAGE_BYTES);
  if (MessageType !== 'RAW' && MessageType !== 'DIGEST') {
    throw invalid(
      `1 validation error detected: Value '${MessageType}' at 'messageType' failed to satisfy constraint: Member must satisfy enum value set: [RAW, DIGEST]`,
    );
  }
  usable(key, action, 'ECC_NIST_P256', input);
  if (SigningAlgorithm !== 'ECDSA_SHA_256') {
    throw new AwsError(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} and key spec ${key.spec} are incompatible.`,
    );
  }
  if (MessageType === 'DIGEST' && message.length !== DIGEST_BYTES)
    throw invalid(`Digest is invalid length for algorithm ${SigningAlgorithm}.`);
  return message;
}
