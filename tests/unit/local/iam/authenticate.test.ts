import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { decodeChunks } from '#local/iam/chunked-body.ts';
import { beginGeneration, credentialStore, rootCredentials } from '#local/iam/credential-store.ts';
import { sha256Hex, signatureOf, signingKey } from '#local/iam/signing.ts';
import { Database } from '#local/kernel/database.ts';
import { guardedCloud } from '#tests/support/guarded-cloud.ts';
import { listener } from '#tests/support/listener.ts';

const s3 = listener('s3');
const dynamodb = listener('dynamodb');
const lambda = listener('lambda');
let guarded: Awaited<ReturnType<typeof guardedCloud>>;
let roleArn: string;

beforeAll(async () => {
  guarded = await guardedCloud(() => [s3.service, dynamodb.service, lambda.service]);
  roleArn = guarded.role('worker', {
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
});

afterAll(() => guarded.close());

const session = (seconds = 900) =>
  guarded.cloud.issueCredentials({ roleArn, sessionName: 's', seconds, tags: { tenant: 'a' } });

const put = (client: S3Client, Key: string, Body: PutObjectCommand['input']['Body']) =>
  client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body, ContentLength: 5 }));

describe('a signature in the header', () => {
  it('tells root from the session of a role', async () => {
    await new DynamoDBClient(guarded.client).send(new ListTablesCommand({}));
    expect(dynamodb.heard.principal).toEqual({ kind: 'root' });

    await new DynamoDBClient(guarded.clientOf(session())).send(new ListTablesCommand({}));
    expect(dynamodb.heard.principal).toEqual({
      kind: 'role',
      roleArn,
      sessionName: 's',
      tags: { tenant: 'a' },
    });
  });

  it.each(['a b+c', "it's (1)*!", 'ä/ü/%41', 'x//y', '../z', 'a~b-c_d.e', 'k=v&w?#'])(
    'holds for the S3 key %j',
    async (key) => {
      await put(new S3Client(guarded.client), key, 'hello');

      expect(s3.heard.request?.body.toString()).toBe('hello');
    },
  );

  it('holds for paths of other services, which are encoded twice', async () => {
    const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:f:live';
    await new LambdaClient(guarded.client).send(new InvokeCommand({ FunctionName, Payload: '{}' }));

    expect(lambda.heard.request?.path).toContain('%3A');
  });

  it.each([
    [
      'another secret',
      { accessKeyId: () => guarded.root.accessKeyId },
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
    ],
    [
      'an unknown key',
      { accessKeyId: () => 'AKIANOBODY' },
      'UnrecognizedClientException',
      'InvalidAccessKeyId',
    ],
  ])('is refused with %s', async (_what, { accessKeyId }, json, xml) => {
    const client = guarded.clientOf({ accessKeyId: accessKeyId(), secretAccessKey: 'wrong' });

    await expect(new DynamoDBClient(client).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: json,
    });
    await expect(put(new S3Client(client), 'k', 'hello')).rejects.toMatchObject({ name: xml });
  });

  it('is refused with the token of another session, or without one', async () => {
    const mine = session();
    for (const sessionToken of [session().sessionToken, undefined]) {
      const client = guarded.clientOf({ ...mine, ...{ sessionToken } });
      await expect(
        new DynamoDBClient(client).send(new ListTablesCommand({})),
      ).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      });
    }
  });

  it('is refused when the session is over', async () => {
    const client = guarded.clientOf(session(-1));

    await expect(new DynamoDBClient(client).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
    });
    await expect(put(new S3Client(client), 'k', 'hello')).rejects.toMatchObject({
      name: 'ExpiredToken',
    });
  });

  it('is refused when the clocks are more than 15 minutes apart', async () => {
    const systemClockOffset = -16 * 60 * 1000;
    const config = { ...guarded.client, systemClockOffset };

    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(put(new S3Client(config), 'k', 'hello')).rejects.toMatchObject({
      name: 'RequestTimeTooSkewed',
    });
  });

  it('is refused for another region', async () => {
    const client = new DynamoDBClient({ ...guarded.client, region: 'eu-west-1' });

    await expect(client.send(new ListTablesCommand({}))).rejects.toThrow('valid region');
  });

  it('is asked for', async () => {
    const answer = await fetch(`${guarded.client.endpoint}/bucket/key`);

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('AccessDenied');
  });
});

describe('a body', () => {
  it('in unsigned chunks arrives without its framing, its trailer as a header', async () => {
    await put(
      new S3Client({ ...guarded.client, requestStreamBufferSize: 8192 }),
      'k',
      Readable.from(['he', 'llo']),
    );

    expect(s3.heard.request?.headers['x-amz-content-sha256']).toBe(
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    );
    expect(s3.heard.request?.body.toString()).toBe('hello');
    expect(s3.heard.request?.headers['x-amz-checksum-crc32']).toBe('NhCmhg==');
  });

  it('in signed chunks is refused when one byte differs', () => {
    const scope = { date: '20261121', region: 'us-east-1', service: 's3' };
    const signing = {
      key: signingKey('secret', scope),
      timestamp: '20261121T000000Z',
      scope: '20261121/us-east-1/s3/aws4_request',
      seed: 'f'.repeat(64),
    };
    const framed = framedAndSigned(['hello ', 'world'], signing);

    expect(decodeChunks(framed, signing)).toEqual({
      body: Buffer.from('hello world'),
      trailers: { 'x-amz-checksum-crc32': 'abc=' },
    });
    for (const at of [framed.indexOf('world'), framed.indexOf('abc=')]) {
      const changed = Buffer.from(framed);
      changed[at] = 88;
      expect(() => decodeChunks(changed, signing)).toThrow('does not match');
    }
    expect(() => decodeChunks(framed.subarray(0, 100), signing)).toThrow('number of bytes');
  });

  it('that is not the one that was signed is refused', async () => {
    const url = `${guarded.client.endpoint}/bucket/key`;
    const answer = await fetch(url, {
      method: 'PUT',
      body: 'other',
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=' +
          `${guarded.root.accessKeyId}/${today()}/us-east-1/s3/aws4_request, ` +
          'SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=00',
        'x-amz-date': timestamp(),
        'x-amz-content-sha256': sha256Hex('hello'),
      },
    });

    expect(await answer.text()).toContain('XAmzContentSHA256Mismatch');
  });
});

describe('a presigned URL', () => {
  const presign = (expiresIn: number, signingDate = new Date()) =>
    getSignedUrl(
      new S3Client(guarded.clientOf(session())),
      new GetObjectCommand({ Bucket: 'bucket', Key: 'a b' }),
      {
        expiresIn,
        signingDate,
      },
    );

  it('acts for who signed it', async () => {
    const answer = await fetch(await presign(60));

    expect(answer.status).toBe(200);
    expect(s3.heard.principal).toMatchObject({ roleArn });
  });

  it('ends', async () => {
    const answer = await fetch(await presign(60, new Date(Date.now() - 61_000)));

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('Request has expired');
  });

  it('holds for its own key, method and headers only', async () => {
    const url = await presign(60);

    for (const [other, init] of [
      [url.replace('a%20b', 'a%20c'), {}],
      [url, { method: 'PUT' }],
      [url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'), {}],
      [url, { headers: { 'x-amz-meta-more': 'yes' } }],
    ] as const) {
      expect((await fetch(other, init)).status).toBe(403);
    }
  });
});

describe('a form upload', () => {
  const send = async (change: Record<string, string> = {}) => {
    const { url, fields } = await createPresignedPost(new S3Client(guarded.clientOf(session())), {
      Bucket: 'bucket',
      Key: 'k',
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...change })) form.append(name, value);
    form.append('file', new Blob(['hello']));
    return fetch(url, { method: 'POST', body: form });
  };

  it('acts for who signed its policy', async () => {
    expect((await send()).status).toBe(200);
    expect(s3.heard.principal).toMatchObject({ roleArn });
  });

  it('is refused with another policy', async () => {
    const answer = await send({ Policy: Buffer.from('{}').toString('base64') });

    expect(await answer.text()).toContain('SignatureDoesNotMatch');
  });
});

describe('a generation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iam-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends the sessions of the one before and keeps root', async () => {
    const path = join(folder, 'state.db');
    const prepare = () => {
      const database = new Database(path);
      beginGeneration(database, process.pid, Date.now());
      database.close();
    };
    prepare();
    const first = await guardedCloud(() => [dynamodb.service], { path });
    first.role('worker', { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' });
    const old = first.cloud.issueCredentials({ roleArn, sessionName: 's', seconds: 900 });
    const valid = await new DynamoDBClient(first.clientOf(old)).send(new ListTablesCommand({}));
    await first.close();
    prepare();
    const second = await guardedCloud(() => [dynamodb.service], { path });

    const call = new DynamoDBClient(second.clientOf(old)).send(new ListTablesCommand({}));

    expect(valid.$metadata.httpStatusCode).toBe(200);
    await expect(call).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    credentialStore(second.cloud).addRoot(first.root);
    await new DynamoDBClient(second.clientOf(first.root)).send(new ListTablesCommand({}));
    await second.close();
  });

  it('finds the keys of root that the first start made, for the owner only', () => {
    const made = rootCredentials(join(folder, 'state'));

    expect(rootCredentials(join(folder, 'state'))).toEqual(made);
    expect(statSync(join(folder, 'state', 'credentials.json')).mode & 0o777).toBe(0o600);
  });
});

const timestamp = () => new Date().toISOString().replace(/[-:]|\.\d+/g, '');
const today = () => timestamp().slice(0, 8);

function framedAndSigned(
  texts: readonly string[],
  signing: NonNullable<Parameters<typeof decodeChunks>[1]>,
): Buffer {
  const { key, scope } = signing;
  let previous = signing.seed;
  let framed = '';
  for (const text of [...texts, '']) {
    previous = signatureOf(
      key,
      [
        'AWS4-HMAC-SHA256-PAYLOAD',
        signing.timestamp,
        scope,
        previous,
        sha256Hex(''),
        sha256Hex(text),
      ].join('\n'),
    );
    framed += `${text.length.toString(16)};chunk-signature=${previous}\r\n${text}${text && '\r\n'}`;
  }
  const trailer = signatureOf(
    key,
    [
      'AWS4-HMAC-SHA256-TRAILER',
      signing.timestamp,
      scope,
      previous,
      sha256Hex('x-amz-checksum-crc32:abc=\n'),
    ].join('\n'),
  );
  return Buffer.from(
    `${framed}x-amz-checksum-crc32:abc=\r\nx-amz-trailer-signature:${trailer}\r\n\r\n`,
  );
}
