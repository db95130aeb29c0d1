import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyStatement } from '#local/kernel/service.ts';
import { kmsService } from '#local/services/kms/kms.ts';
import { guardedCloud, policy } from '#tests/support/guarded-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

const ROOT = 'arn:aws:iam::000000000000:root';
const anybody: PolicyStatement = {
  Effect: 'Allow',
  Principal: { AWS: ROOT },
  Action: 'sts:AssumeRole',
};
const Plaintext = new TextEncoder().encode('a token');

describe('permissions on KMS keys', () => {
  let running: Awaited<ReturnType<typeof guardedCloud>>;
  let open: string;
  let closed: string;

  beforeAll(async () => {
    running = await guardedCloud((cloud) => [kmsService(cloud)]);
    const key = (id: string, ...statements: PolicyStatement[]) =>
      makeResource(running.cloud, 'AWS::KMS::Key', id, { KeyPolicy: policy(...statements) });
    open = (
      await key('Open', {
        Effect: 'Allow',
        Principal: { AWS: ROOT },
        Action: 'kms:*',
        Resource: '*',
      })
    ).attributes['Arn'] as string;
    closed = (
      await key('Closed', {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::000000000000:role/named' },
        Action: 'kms:Encrypt',
        Resource: '*',
      })
    ).attributes['Arn'] as string;
  });
  afterAll(() => running.close());

  function clientOf(name: string, ...own: readonly PolicyStatement[]): KMSClient {
    const roleArn = running.role(name, anybody, ...own);
    const credentials = running.cloud.issueCredentials({ roleArn, sessionName: 's', seconds: 900 });
    return new KMSClient(running.clientOf(credentials));
  }

  it('hold to the encryption context that a statement asks for', async () => {
    const sealer = clientOf('sealer', {
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: open,
      Condition: {
        StringEquals: { 'kms:EncryptionContext:purpose': 'callback-token' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'tenant'] },
      },
    });
    const encrypt = (EncryptionContext?: Record<string, string>) =>
      sealer.send(new EncryptCommand({ KeyId: open, Plaintext, EncryptionContext }));
    const { CiphertextBlob } = await encrypt({ purpose: 'callback-token', tenant: 'a' });
    const others: (Record<string, string> | undefined)[] = [
      undefined,
      { purpose: 'mail' },
      { purpose: 'callback-token', other: 'x' },
    ];
    for (const context of others) {
      await expect(encrypt(context)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    }
    await expect(sealer.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('need the key policy to agree', async () => {
    const allowed: PolicyStatement = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' };
    const encrypt = (client: KMSClient) =>
      client.send(new EncryptCommand({ KeyId: closed, Plaintext }));
    await expect(encrypt(clientOf('unnamed', allowed))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await encrypt(clientOf('named'));
  });
});
