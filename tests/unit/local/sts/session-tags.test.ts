import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kmsService } from '#local/services/kms/kms.ts';
import { guardedCloud } from '#tests/support/guarded-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

describe('a session tag', () => {
  let guarded: Awaited<ReturnType<typeof guardedCloud>>;
  let KeyId: string;
  let functionRole: string;
  let dataRole: string;

  beforeAll(async () => {
    guarded = await guardedCloud((cloud) => [kmsService(cloud)]);
    const key = await makeResource(guarded.cloud, 'AWS::KMS::Key', 'Tenants');
    KeyId = key.attributes['Arn'] as string;
    dataRole = 'arn:aws:iam::000000000000:role/data';
    functionRole = guarded.role(
      'function',
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: dataRole },
    );
    guarded.role(
      'data',
      {
        Effect: 'Allow',
        Principal: { AWS: functionRole },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
      },
      {
        Effect: 'Allow',
        Action: 'kms:Encrypt',
        Resource: KeyId,
        Condition: {
          StringEquals: { 'kms:EncryptionContext:tenant': '${aws:PrincipalTag/tenant}' },
        },
      },
    );
  });
  afterAll(() => guarded.close());

  /** A KMS client of the data role for one tenant, or for none. */
  async function dataClient(tenant?: string): Promise<KMSClient> {
    const own = { roleArn: functionRole, sessionName: 'f', seconds: 900 };
    const sts = new STSClient(guarded.clientOf(guarded.cloud.issueCredentials(own)));
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: dataRole,
        RoleSessionName: 'data',
        Tags: tenant === undefined ? undefined : [{ Key: 'tenant', Value: tenant }],
      }),
    );
    return new KMSClient(
      guarded.clientOf({
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      }),
    );
  }

  const encrypt = (client: KMSClient, tenant: string) =>
    client.send(
      new EncryptCommand({
        KeyId,
        Plaintext: Uint8Array.of(1),
        EncryptionContext: { tenant },
      }),
    );

  it('opens the own tenant to its session and no other', async () => {
    const client = await dataClient('ten_a');
    await encrypt(client, 'ten_a');
    await expect(encrypt(client, 'ten_b')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('is needed: a session without it matches nothing', async () => {
    const client = await dataClient();
    for (const tenant of ['ten_a', '', '${aws:PrincipalTag/tenant}']) {
      await expect(encrypt(client, tenant)).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    }
  });
});
