import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { canonicalJson } from '#shared/domain/canonical/canonical.ts';
import { Permit } from '#shared/domain/permit/permit.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { PermitSigner, PermitVerifier } from '#shared/ports/permits.ts';

const kms = new KMSClient({});
const publicKeys = new Map<string, Promise<KeyObject>>();

/** Signs with a KMS key (ECDSA P-256 over SHA-256) that never leaves KMS. */
export const kmsPermitSigner = (keyId: string): PermitSigner => ({
  async sign(permit) {
    const text = canonicalJson(permit);
    const { Signature } = await kms.send(
      new SignCommand({
        KeyId: keyId,
        Message: Buffer.from(text),
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    return {
      permit: text,
      signature: Buffer.from(Signature ?? []).toString('base64'),
      key_id: keyId,
    };
  },
});

/** Verifies with the public half, which a process asks for once. */
export const kmsPermitVerifier = (keyId: string): PermitVerifier => ({
  async verify(signed) {
    const key = await publicKey(keyId);
    const signature = Buffer.from(signed.signature, 'base64');
    if (signed.key_id !== keyId || !verify('sha256', Buffer.from(signed.permit), key, signature)) {
      throw new AppError('permit.invalid', 'The permit does not carry the judge’s signature.');
    }
    return Permit.parse(JSON.parse(signed.permit));
  },
});

function publicKey(keyId: string): Promise<KeyObject> {
  let key = publicKeys.get(keyId);
  if (!key) {
    key = kms
      .send(new GetPublicKeyCommand({ KeyId: keyId }))
      .then(({ PublicKey }) =>
        createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }),
      );
    key.catch(() => publicKeys.delete(keyId));
    publicKeys.set(keyId, key);
  }
  return key;
}
