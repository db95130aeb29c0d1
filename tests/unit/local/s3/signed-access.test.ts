import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { PolicyStatement, Service } from '#local/kernel/service.ts';
import { s3Service } from '#local/services/s3/s3.ts';
import { guardedCloud } from '#tests/support/guarded-cloud.ts';
import { makeBucket } from '#tests/support/s3-buckets.ts';

let cloud: Awaited<ReturnType<typeof guardedCloud>>;
let root: S3Client;
const Bucket = 'files';

/** Keys whose policy leaves the decision to the account's roles. */
const keys: Service = {
  name: 'kms',
  actions: {},
  resourcePolicy: () => ({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::000000000000:root' },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  }),
};

beforeAll(async () => {
  cloud = await guardedCloud((c) => [s3Service(c), keys]);
  root = new S3Client(cloud.client);
  await makeBucket(cloud.cloud);
  await root.send(new PutObjectCommand({ Bucket, Key: 'tenant/a.txt', Body: 'hello' }));
});
afterAll(() => cloud.close());

const trust: PolicyStatement = {
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
};
/** A client of a role with these statements. */
function clientOf(name: string, ...statements: PolicyStatement[]): S3Client {
  const roleArn = cloud.role(name, trust, ...statements);
  return new S3Client(
    cloud.clientOf(cloud.cloud.issueCredentials({ roleArn, sessionName: name, seconds: 900 })),
  );
}
const statement = (Action: string, Resource: string, Condition = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

describe('permissions', () => {
  it('hides whether a key is missing from who may not list', async () => {
    const blind = clientOf('blind', statement('s3:GetObject', 'arn:aws:s3:::files/*'));
    const absent = new GetObjectCommand({ Bucket, Key: 'absent' });
    await expect(blind.send(absent)).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(
      blind.send(new HeadObjectCommand({ Bucket, Key: 'absent' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    const seeing = clientOf(
      'seeing',
      statement('s3:GetObject', 'arn:aws:s3:::files/*'),
      statement('s3:ListBucket', 'arn:aws:s3:::files'),
    );
    await expect(seeing.send(absent)).rejects.toMatchObject({ name: 'NoSuchKey' });
    const found = await blind.send(new GetObjectCommand({ Bucket, Key: 'tenant/a.txt' }));
    expect(await found.Body?.transformToString()).toBe('hello');
  });

  it('judges listing by prefix and writing by key', async () => {
    const tenant = clientOf(
      'tenant',
      statement('s3:ListBucket', 'arn:aws:s3:::files', {
        StringLike: { 's3:prefix': 'tenant/*' },
      }),
      statement('s3:PutObject', 'arn:aws:s3:::files/tenant/*'),
    );
    const listed = await tenant.send(new ListObjectsV2Command({ Bucket, Prefix: 'tenant/' }));
    expect(listed.KeyCount).toBe(1);
    await expect(tenant.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await tenant.send(new PutObjectCommand({ Bucket, Key: 'tenant/b.txt', Body: 'b' }));
    await expect(
      tenant.send(new PutObjectCommand({ Bucket, Key: 'other/b.txt', Body: 'b' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('judges by the bucket’s policy', async () => {
    const reader = clientOf('reader', statement('s3:GetObject', 'arn:aws:s3:::files/*'));
    const denial = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::files/tenant/*',
    };
    const set = (Statement: object[]) =>
      makeBucket(
        cloud.cloud,
        { Bucket, PolicyDocument: { Version: '2012-10-17', Statement } },
        'AWS::S3::BucketPolicy',
      );
    await set([denial]);
    await expect(
      reader.send(new GetObjectCommand({ Bucket, Key: 'tenant/a.txt' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    await set([]);
    await reader.send(new GetObjectCommand({ Bucket, Key: 'tenant/a.txt' }));
  });

  it('needs the KMS key of an object', async () => {
    const key = 'arn:aws:kms:us-east-1:000000000000:key/k1';
    await makeBucket(cloud.cloud, {
      BucketName: 'secret',
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } },
        ],
      },
    });
    const put = new PutObjectCommand({ Bucket: 'secret', Key: 'k', Body: 'x' });
    const allowed = statement('s3:PutObject', 'arn:aws:s3:::secret/*');
    await expect(clientOf('keyless', allowed).send(put)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const context = {
      StringEquals: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::secret/k' },
    };
    const made = await clientOf(
      'keyed',
      allowed,
      statement('kms:GenerateDataKey', key, context),
    ).send(put);
    expect(made).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
  });
});

describe('presigned URLs', () => {
  it('reads and writes without credentials, and only what was signed', async () => {
    const url = await getSignedUrl(root, new GetObjectCommand({ Bucket, Key: 'tenant/a.txt' }), {
      expiresIn: 60,
    });
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
    expect((await fetch(url.replace('a.txt', 'b.txt'))).status).toBe(403);
    const etag = answer.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    // Its query holds the checksum of an empty body, at which S3 does not look.
    const put = await getSignedUrl(
      root,
      new PutObjectCommand({ Bucket, Key: 'up', Metadata: { run: 'r1' } }),
    );
    expect(put).toContain('x-amz-checksum-crc32=');
    expect((await fetch(put, { method: 'PUT', body: 'uploaded' })).status).toBe(200);
    const object = await root.send(new GetObjectCommand({ Bucket, Key: 'up' }));
    expect(await object.Body?.transformToString()).toBe('uploaded');
    expect(object.Metadata).toEqual({ run: 'r1' });
  });

  it('expire', async () => {
    const url = await getSignedUrl(root, new GetObjectCommand({ Bucket, Key: 'tenant/a.txt' }), {
      expiresIn: 1,
      signingDate: new Date(Date.now() - 5000),
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Message>Request has expired</Message>');
  });
});

describe('form uploads', () => {
  const post = async (
    options: Partial<PresignedPostOptions> = {},
    more: Record<string, string> = {},
    body = 'posted',
    client = root,
  ) => {
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: 'inbox/${filename}',
      Conditions: [
        ['starts-with', '$key', 'inbox/'],
        ['content-length-range', 1, 100],
      ],
      Expires: 60,
      ...options,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...more })) form.append(name, value);
    form.append('file', new File([body], 'f.txt', { type: 'text/plain' }));
    const answer = await fetch(url, { method: 'POST', body: form });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };

  it('store the file under the name that the form gives', async () => {
    const answer = await post();
    expect(answer.status).toBe(204);
    expect(answer.headers.get('location')).toContain('/files/inbox%2Ff.txt');
    const object = await root.send(new GetObjectCommand({ Bucket, Key: 'inbox/f.txt' }));
    expect(await object.Body?.transformToString()).toBe('posted');
  });

  it('answer as the form asks and keep its metadata', async () => {
    const Fields = { success_action_status: '201', 'x-amz-meta-run': 'r1' };
    const answer = await post({ Key: 'inbox/meta', Fields });
    expect(answer.status).toBe(201);
    expect(answer.text).toContain('<Key>inbox/meta</Key>');
    const head = await root.send(new HeadObjectCommand({ Bucket, Key: 'inbox/meta' }));
    expect(head.Metadata).toEqual({ run: 'r1' });
  });

  it.each([
    [
      'a key outside the prefix',
      { Key: 'elsewhere' },
      {},
      'posted',
      403,
      'Policy Condition failed',
    ],
    [
      'a field that no condition covers',
      {},
      { 'x-amz-meta-x': '1' },
      'posted',
      403,
      'Extra input fields: x-amz-meta-x',
    ],
    ['a large file', {}, {}, 'x'.repeat(101), 400, 'EntityTooLarge'],
    ['an empty file', {}, {}, '', 400, 'EntityTooSmall'],
    ['an expired policy', { Expires: -5 }, {}, 'posted', 403, 'Policy expired.'],
    ['a changed policy', {}, { policy: btoa('{}') }, 'posted', 403, 'SignatureDoesNotMatch'],
  ])('refuse %s', async (_name, options, more, body, status, text) => {
    const answer = await post(options, more, body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
  });

  it('need the signer’s permission to put', async () => {
    const other = clientOf('other', statement('s3:PutObject', 'arn:aws:s3:::files/other/*'));
    const answer = await post({}, {}, 'posted', other);
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('AccessDenied')]);
    const own = clientOf('own', statement('s3:PutObject', 'arn:aws:s3:::files/inbox/*'));
    expect((await post({}, {}, 'posted', own)).status).toBe(204);
  });
});
