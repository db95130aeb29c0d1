import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { kmsService } from '#local/services/kms/kms.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
const text = (value: string) => new TextEncoder().encode(value);
const ecdsa = { SigningAlgorithm: 'ECDSA_SHA_256' } as const;

describe('KMS', () => {
  let folder: string;
  let running: Awaited<ReturnType<typeof bareCloud>>;
  let kms: KMSClient;

  const open = async () => {
    running = await bareCloud((cloud) => [kmsService(cloud)], { path: join(folder, 'state.db') });
    kms = new KMSClient(running.client);
  };
  const close = async () => {
    kms.destroy();
    await running.close();
  };
  const make = (type: string, id: string, properties: Record<string, unknown> = {}) =>
    makeResource(running.cloud, type, id, properties);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mirai-kms-'));
    await open();
  });
  afterEach(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  it('opens a ciphertext with the same context in any order and with no other', async () => {
    const { ref: KeyId, attributes } = await make('AWS::KMS::Key', 'Token');
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({
        KeyId,
        Plaintext: text('secret'),
        EncryptionContext: { tenant: 'a', run: '1' },
      }),
    );
    const decrypt = (EncryptionContext: Record<string, string> | undefined) =>
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    const opened = await decrypt({ run: '1', tenant: 'a' });
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret');
    expect(opened.KeyId).toBe(attributes['Arn']);
    const others: (Record<string, string> | undefined)[] = [
      { tenant: 'b', run: '1' },
      { tenant: 'a' },
      undefined,
    ];
    for (const other of others) {
      await expect(decrypt(other)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    }
  });

  it('refuses a changed or foreign ciphertext, and another key than the one that made it', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'One');
    const { ref: other } = await make('AWS::KMS::Key', 'Two');
    const { CiphertextBlob = new Uint8Array() } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: text('x') }),
    );
    const changed = Uint8Array.from(CiphertextBlob, (byte, i) =>
      i === CiphertextBlob.length - 1 ? byte ^ 1 : byte,
    );
    for (const blob of [changed, text('nothing of ours'), text('y'.repeat(100))]) {
      await expect(kms.send(new DecryptCommand({ CiphertextBlob: blob }))).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
    await expect(
      kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other })),
    ).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  it('takes 4096 bytes of plaintext and not one more', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'Token');
    const encrypt = (bytes: number) =>
      kms.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(bytes) }));
    await encrypt(4096);
    await expect(encrypt(4097)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('gives data keys of the asked size, whose ciphertext opens to the same key', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'Token');
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    expect(made.Plaintext).toHaveLength(32);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.from(made.Plaintext ?? []));
    const hidden = await kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 64 }),
    );
    expect(hidden).not.toHaveProperty('Plaintext');
    await expect(kms.send(new GenerateDataKeyCommand({ KeyId }))).rejects.toThrow(
      'Please specify either number of bytes or key spec.',
    );
  });

  it('signs messages and digests so that the public half verifies both', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'Permit', SIGNING);
    const message = text('a permit');
    const digest = createHash('sha256').update(message).digest();
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({
      key: Buffer.from(PublicKey ?? []),
      format: 'der',
      type: 'spki',
    });
    const forms = [
      { Message: message, MessageType: 'RAW' },
      { Message: digest, MessageType: 'DIGEST' },
    ] as const;
    for (const form of forms) {
      for (let round = 0; round < 8; round += 1) {
        const { Signature = new Uint8Array() } = await kms.send(
          new SignCommand({ KeyId, ...form, ...ecdsa }),
        );
        expect(verify('sha256', message, key, Signature)).toBe(true);
        for (const other of forms) {
          const verified = await kms.send(
            new VerifyCommand({ KeyId, ...other, ...ecdsa, Signature }),
          );
          expect(verified.SignatureValid).toBe(true);
        }
      }
    }
  });

  it('names a signature that is not of the message or not of the key', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'Permit', SIGNING);
    const { ref: other } = await make('AWS::KMS::Key', 'Other', SIGNING);
    const Message = createHash('sha256').update('one').digest();
    const signed = (by: string) =>
      kms.send(new SignCommand({ KeyId: by, Message, MessageType: 'DIGEST', ...ecdsa }));
    const foreign = (await signed(other)).Signature;
    const own = (await signed(KeyId)).Signature;
    const wrong = createHash('sha256').update('two').digest();
    for (const MessageType of ['DIGEST', 'RAW'] as const) {
      for (const [message, Signature] of [
        [Message, foreign],
        [wrong, own],
        [Message, text('no DER')],
      ] as const) {
        await expect(
          kms.send(
            new VerifyCommand({ KeyId, Message: message, MessageType, ...ecdsa, Signature }),
          ),
        ).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
      }
    }
  });

  it('refuses a use that the key is not for, and a digest of another length', async () => {
    const { ref: symmetric } = await make('AWS::KMS::Key', 'Token');
    const { ref: signing } = await make('AWS::KMS::Key', 'Permit', SIGNING);
    const Message = text('short');
    await expect(
      kms.send(new SignCommand({ KeyId: symmetric, Message, ...ecdsa })),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
    await expect(
      kms.send(new EncryptCommand({ KeyId: signing, Plaintext: Message })),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
    await expect(kms.send(new GetPublicKeyCommand({ KeyId: symmetric }))).rejects.toMatchObject({
      name: 'UnsupportedOperationException',
    });
    await expect(
      kms.send(new SignCommand({ KeyId: signing, Message, MessageType: 'DIGEST', ...ecdsa })),
    ).rejects.toThrow('Digest is invalid length');
    await expect(
      kms.send(
        new SignCommand({ KeyId: signing, Message, SigningAlgorithm: 'RSASSA_PSS_SHA_256' }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  it('finds a key by id, ARN and alias, and says when there is none', async () => {
    const { ref, attributes } = await make('AWS::KMS::Key', 'Token', { Description: 'tokens' });
    await make('AWS::KMS::Alias', 'Alias', {
      AliasName: 'alias/tokens',
      TargetKeyId: attributes['Arn'],
    });
    const alias = running.cloud.arn('kms', 'alias/tokens');
    for (const KeyId of [ref, attributes['Arn'], 'alias/tokens', alias]) {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({
        KeyId: ref,
        Description: 'tokens',
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
      });
    }
    const nobody = '00000000-0000-4000-8000-000000000000';
    for (const KeyId of [nobody, 'alias/none', 'token', running.cloud.arn('kms', `key/${nobody}`)])
      await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
        name: 'NotFoundException',
      });
  });

  it('refuses a disabled key, and one whose resource is gone until another deployment', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'Token');
    const encrypt = () => kms.send(new EncryptCommand({ KeyId, Plaintext: text('x') }));
    await make('AWS::KMS::Key', 'Token', { Enabled: false });
    await expect(encrypt()).rejects.toMatchObject({ name: 'DisabledException' });
    await make('AWS::KMS::Key', 'Token', { Enabled: true });
    await encrypt();
    await running.cloud.providers().get('AWS::KMS::Key')?.remove?.(KeyId, running.cloud);
    await expect(encrypt()).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
    const again = await make('AWS::KMS::Key', 'Token');
    expect(again.ref).not.toBe(KeyId);
  });

  it('keeps ids and material over a restart and a reload', async () => {
    const token = await make('AWS::KMS::Key', 'Token', { EnableKeyRotation: true });
    const permit = await make('AWS::KMS::Key', 'Permit', SIGNING);
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: token.ref, Plaintext: text('kept') }),
    );
    const before = await kms.send(new GetPublicKeyCommand({ KeyId: permit.ref }));
    await close();
    await open();
    expect(await make('AWS::KMS::Key', 'Token', { EnableKeyRotation: true })).toEqual(token);
    expect(await make('AWS::KMS::Key', 'Permit', SIGNING)).toEqual(permit);
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept');
    const after = await kms.send(new GetPublicKeyCommand({ KeyId: permit.ref }));
    expect(after.PublicKey).toEqual(before.PublicKey);
  });

  it('refuses by name what it does not serve', async () => {
    const { ref: KeyId } = await make('AWS::KMS::Key', 'Token');
    await expect(
      kms.send(new EncryptCommand({ KeyId, Plaintext: text('x'), GrantTokens: ['g'] })),
    ).rejects.toThrow('kms:Encrypt with GrantTokens');
    await expect(make('AWS::KMS::Key', 'Rsa', { KeySpec: 'RSA_2048' })).rejects.toThrow('RSA_2048');
    await expect(
      kms.send(new EncryptCommand({ KeyId, Plaintext: text('x'), DryRun: true })),
    ).rejects.toMatchObject({ name: 'DryRunOperationException' });
  });
});
