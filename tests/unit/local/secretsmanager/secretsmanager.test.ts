import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { secretsManagerService } from '#local/services/secretsmanager/secretsmanager.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

describe('Secrets Manager', () => {
  let folder: string;
  let running: Awaited<ReturnType<typeof bareCloud>>;
  let client: SecretsManagerClient;

  const open = async () => {
    running = await bareCloud((cloud) => [secretsManagerService(cloud)], {
      path: join(folder, 'state.db'),
    });
    client = new SecretsManagerClient(running.client);
  };
  const close = async () => {
    client.destroy();
    await running.close();
  };
  const make = async (properties: Record<string, unknown> = {}, id = 'Model') =>
    (await makeResource(running.cloud, 'AWS::SecretsManager::Secret', id, properties)).ref;
  const get = (SecretId: string, rest: { VersionId?: string; VersionStage?: string } = {}) =>
    client.send(new GetSecretValueCommand({ SecretId, ...rest }));
  const put = (SecretId: string, SecretString: string, ClientRequestToken?: string) =>
    client.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mirai-secrets-'));
    await open();
  });
  afterEach(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  it('finds a secret by its ARN, its ARN without the suffix, and its name', async () => {
    const arn = await make({ SecretString: 'first' });
    expect(arn).toMatch(
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:test-Model-[A-Za-z\d]{6}$/,
    );
    for (const id of [arn, arn.slice(0, -7), 'test-Model']) {
      const secret = await get(id);
      expect(secret).toMatchObject({
        ARN: arn,
        Name: 'test-Model',
        SecretString: 'first',
        VersionStages: ['AWSCURRENT'],
      });
      expect(secret.CreatedDate?.getTime()).toBeLessThanOrEqual(Date.now());
    }
    await expect(get('nothing')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('moves AWSCURRENT and AWSPREVIOUS with each put', async () => {
    const arn = await make({ SecretString: 'one' });
    const two = await put(arn, 'two');
    const three = await put(arn, 'three');
    expect((await get(arn)).SecretString).toBe('three');
    expect((await get(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('two');
    const described = await client.send(new DescribeSecretCommand({ SecretId: arn }));
    expect(described.VersionIdsToStages).toEqual({
      [two.VersionId ?? '']: ['AWSPREVIOUS'],
      [three.VersionId ?? '']: ['AWSCURRENT'],
    });
    await expect(
      get(arn, { VersionId: two.VersionId, VersionStage: 'AWSCURRENT' }),
    ).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });

  it('takes a repeat with the same token once, and refuses another value under it', async () => {
    const arn = await make({ SecretString: 'one' });
    const token = 'a'.repeat(32);
    await put(arn, 'two', token);
    await put(arn, 'two', token);
    expect((await get(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
    await expect(put(arn, 'other', token)).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });

  it('keeps bytes as bytes and stages of its own', async () => {
    const arn = await make();
    await expect(get(arn)).rejects.toThrow('staging label: AWSCURRENT');
    const SecretBinary = Uint8Array.of(0, 255, 7);
    await client.send(
      new PutSecretValueCommand({ SecretId: arn, SecretBinary, VersionStages: ['pending'] }),
    );
    const first = await get(arn);
    expect(first.SecretBinary).toEqual(SecretBinary);
    expect(first.VersionStages).toEqual(['AWSCURRENT', 'pending']);
  });

  it('generates a value by its rules, once', async () => {
    const rules = {
      ExcludePunctuation: true,
      PasswordLength: 20,
      SecretStringTemplate: '{"username":"mirai"}',
      GenerateStringKey: 'password',
    };
    const arn = await make({ GenerateSecretString: rules });
    const value = JSON.parse((await get(arn)).SecretString ?? '') as Record<string, string>;
    expect(value['username']).toBe('mirai');
    expect(value['password']).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{20}$/);
    expect(await make({ GenerateSecretString: { ...rules } })).toBe(arn);
    expect(JSON.parse((await get(arn)).SecretString ?? '')).toEqual(value);
    const plain = await make({ GenerateSecretString: {} }, 'Plain');
    expect((await get(plain)).SecretString).toHaveLength(32);
  });

  it('keeps a value that was put over a reload and a restart', async () => {
    const properties = { GenerateSecretString: {}, Description: 'the key of the model' };
    const arn = await make(properties);
    await put(arn, 'from a person');
    await make(properties);
    await close();
    await open();
    expect(await make({ ...properties, Description: 'another text' })).toBe(arn);
    expect((await get(arn)).SecretString).toBe('from a person');
  });

  it('makes a version when the template names another value', async () => {
    const arn = await make({ SecretString: 'one' });
    await make({ SecretString: 'two' });
    expect((await get(arn)).SecretString).toBe('two');
    expect((await get(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
  });

  it('refuses what it does not serve and what AWS does not take', async () => {
    const arn = await make({ SecretString: 'one' });
    await expect(put(arn, 'x'.repeat(65_537))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(make({ ReplicaRegions: [] }, 'Replicated')).rejects.toThrow('ReplicaRegions');
    await expect(
      make({ SecretString: 'a', GenerateSecretString: {} }, 'Both'),
    ).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });
});
