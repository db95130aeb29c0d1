import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { credentialStore } from '#local/iam/credential-store.ts';
import { guardedCloud } from '#tests/support/guarded-cloud.ts';

type Tags = Readonly<Record<string, string>>;

const ROLE = (name: string) => `arn:aws:iam::000000000000:role/${name}`;
const DATA = ROLE('data');
const CHAINED = ROLE('chained');

let guarded: Awaited<ReturnType<typeof guardedCloud>>;

beforeAll(async () => {
  guarded = await guardedCloud(() => []);
  const byLambda = {
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: 'sts:AssumeRole',
  } as const;
  guarded.role('function', byLambda, {
    Effect: 'Allow',
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Resource: [DATA, CHAINED],
  });
  guarded.role('stranger', byLambda);
  guarded.book.putRole({
    arn: DATA,
    name: 'data',
    id: 'AROADATA',
    tags: {},
    maxSessionSeconds: 7200,
    trust: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: ROLE('function') }, Action: 'sts:AssumeRole' },
        {
          Sid: 'Tenant',
          Effect: 'Allow',
          Principal: { AWS: ROLE('function') },
          Action: 'sts:TagSession',
          Condition: {
            StringLike: { 'aws:RequestTag/tenant': 'ten_*' },
            'ForAllValues:StringEquals': { 'aws:TagKeys': ['tenant'] },
          },
        },
      ],
    },
    inline: {
      own: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: CHAINED },
        ],
      },
    },
    awsManaged: {},
    managedPolicyArns: [],
  });
  guarded.role('chained', {
    Effect: 'Allow',
    Principal: '*',
    Action: ['sts:AssumeRole', 'sts:TagSession'],
  });
});

afterAll(() => guarded.close());

const clientOf = (roleName: string) =>
  new STSClient(
    guarded.clientOf(
      guarded.cloud.issueCredentials({ roleArn: ROLE(roleName), sessionName: 'f', seconds: 900 }),
    ),
  );

const assume = (client: STSClient, RoleArn: string, tags: Tags = {}, more: object = {}) =>
  client.send(
    new AssumeRoleCommand({
      RoleArn,
      RoleSessionName: 'session',
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      ...more,
    }),
  );

/** A client with the credentials that AssumeRole answered. */
function next(answer: Awaited<ReturnType<typeof assume>>): STSClient {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
  return new STSClient(
    guarded.clientOf({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    }),
  );
}

/** The session tags that the front door sees behind credentials. */
function tagsOf(answer: Awaited<ReturnType<typeof assume>>): unknown {
  const { principal } =
    credentialStore(guarded.cloud).find(answer.Credentials?.AccessKeyId ?? '') ?? {};
  return principal?.kind === 'role' ? principal.tags : undefined;
}

describe('AssumeRole', () => {
  it('makes a session with tags, which says who it is', async () => {
    const answer = await assume(clientOf('function'), DATA, { tenant: 'ten_a' });

    const identity = await next(answer).send(new GetCallerIdentityCommand({}));
    expect(answer.AssumedRoleUser?.AssumedRoleId).toBe('AROADATA:session');
    expect(identity).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:sts::000000000000:assumed-role/data/session',
      UserId: 'AROADATA:session',
    });
    expect(tagsOf(answer)).toEqual({ tenant: 'ten_a' });
  });

  it('lasts an hour, or as long as it is asked to', async () => {
    const lasts = async (more: object) => {
      const { Credentials } = await assume(new STSClient(guarded.client), CHAINED, {}, more);
      return Math.round(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000);
    };

    expect(await lasts({})).toBeGreaterThan(3590);
    expect(await lasts({ DurationSeconds: 900 })).toBeLessThanOrEqual(900);
  });

  it.each<[string, string, Tags]>([
    ['a role that the trust policy does not name', 'stranger', {}],
    ['a tag that the trust policy does not allow', 'function', { tenant: 'other' }],
    ['a second tag that it does not allow', 'function', { tenant: 'ten_a', admin: 'yes' }],
  ])('is denied to %s', async (_who, role, tags) => {
    await expect(assume(clientOf(role), DATA, tags)).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('is denied for a role that is not there', async () => {
    await expect(assume(clientOf('function'), ROLE('nobody'))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('hands transitive tags on, which then cannot be changed', async () => {
    const tagged = await assume(
      clientOf('function'),
      DATA,
      { tenant: 'ten_a' },
      {
        TransitiveTagKeys: ['tenant'],
        RoleSessionName: 'transitive',
      },
    );

    expect(tagsOf(await assume(next(tagged), CHAINED, { step: '1' }))).toEqual({
      tenant: 'ten_a',
      step: '1',
    });
    await expect(assume(next(tagged), CHAINED, { Tenant: 'ten_b' })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('does not hand on other tags', async () => {
    const tagged = await assume(
      clientOf('function'),
      DATA,
      { tenant: 'ten_a' },
      {
        RoleSessionName: 'not-transitive',
      },
    );

    expect(tagsOf(await assume(next(tagged), CHAINED))).toEqual({});
  });

  it.each<[string, Tags, object]>([
    ['a session name of one character', {}, { RoleSessionName: 'x' }],
    [
      'more than 50 tags',
      Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])),
      {},
    ],
    ['one tag key in two spellings', { a: '1', A: '2' }, {}],
    ['a tag key of AWS', { 'aws:x': '1' }, {}],
    ['a value of 257 characters', { a: 'x'.repeat(257) }, {}],
    ['a transitive key without its tag', {}, { TransitiveTagKeys: ['tenant'] }],
    ['less than 15 minutes', {}, { DurationSeconds: 899 }],
    ['more than the role allows', {}, { DurationSeconds: 3601 }],
  ])('refuses %s', async (_what, tags, more) => {
    await expect(assume(new STSClient(guarded.client), CHAINED, tags, more)).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('allows a chained session an hour at most', async () => {
    const client = next(await assume(clientOf('function'), CHAINED));

    await expect(assume(client, CHAINED, {}, { DurationSeconds: 3601 })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('refuses by name what it does not serve', async () => {
    await expect(
      assume(new STSClient(guarded.client), CHAINED, {}, { Policy: '{}' }),
    ).rejects.toThrow('sts:AssumeRole with Policy');
  });
});

describe('the credentials that a service asks for', () => {
  it('are refused for a role that is not there', () => {
    expect(() =>
      guarded.cloud.issueCredentials({ roleArn: ROLE('nobody'), sessionName: 's', seconds: 900 }),
    ).toThrow('nobody');
  });
});
