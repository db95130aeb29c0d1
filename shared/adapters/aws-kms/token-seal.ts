import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import type { TokenSeal } from '#shared/ports/callback-token.ts';

const kms = new KMSClient({});
const contextOf = (tenant: string, runId: string) => ({
  purpose: 'callback-token',
  tenant,
  run: runId,
});

/** Encrypts callback tokens; the ciphertext opens only with the same tenant and run. */
export const kmsTokenSeal = (keyId: string): TokenSeal => ({
  async seal(token, tenant, runId) {
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({
        KeyId: keyId,
        Plaintext: Buffer.from(token),
        EncryptionContext: contextOf(tenant, runId),
      }),
    );
    return Buffer.from(CiphertextBlob ?? []).toString('base64');
  },
});

/** Opens what `kmsTokenSeal` sealed. */
export async function openToken(
  keyId: string,
  sealed: string,
  tenant: string,
  runId: string,
): Promise<string> {
  const { Plaintext } = await kms.send(
    new DecryptCommand({
      KeyId: keyId,
      CiphertextBlob: Buffer.from(sealed, 'base64'),
      EncryptionContext: contextOf(tenant, runId),
    }),
  );
  return Buffer.from(Plaintext ?? []).toString('utf8');
}
