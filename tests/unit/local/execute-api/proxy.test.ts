import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localUrlOf } from '#local/services/execute-api/execute-api.ts';
import { functionFolder } from '../lambda/function-cloud.ts';
import { apiBody, apiCloud, operation } from './api-cloud.ts';

const FUNCTIONS = {
  echo: 'return { statusCode: 200, body: JSON.stringify(event) };',
  // The query chooses the answer.
  answers: `
    const { kind } = event.queryStringParameters;
    if (kind === 'throws') throw new Error('no');
    if (kind === 'slow') await new Promise((r) => setTimeout(r, 2000));
    return {
      null: null, text: 'text', empty: {}, extra: { statusCode: 200, cookies: [] },
      object: { statusCode: 200, body: {} }, far: { statusCode: 999 },
      word: { statusCode: '201' },
      nested: { statusCode: 200, headers: { a: {} } },
      base64: { statusCode: 200, body: 'AAAA', isBase64Encoded: true },
      headers: {
        statusCode: 202,
        headers: { 'X-One': 1, Date: 'never', 'Set-Cookie': 'lost', 'Content-Type': 'text/plain' },
        multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
        body: 'plain',
      },
    }[kind];`,
};

describe('a REST API before functions', () => {
  const folder = functionFolder();
  let api: Awaited<ReturnType<typeof apiCloud>>;

  beforeAll(async () => {
    const open = (name: keyof typeof FUNCTIONS, more: object = {}) => operation(name, more, true);
    const body = apiBody({
      '/': { get: open('echo') },
      '/items': { get: open('echo'), post: open('echo') },
      '/items/{id}': { get: open('echo') },
      '/items/first': { get: open('echo') },
      '/items/{id}/{part+}': { 'x-amazon-apigateway-any-method': open('echo') },
      '/answers': { get: open('answers', { timeoutInMillis: 300 }) },
    });
    api = await apiCloud(folder, FUNCTIONS, body);
  });

  afterAll(() => folder.clear());

  test('the address that stands for it is a stage on this machine', () => {
    expect(api.apiId).toMatch(/^[0-9a-z]{10}$/);
    const { cloud, apiId } = api;
    const address = `https://${apiId}.execute-api.us-east-1.amazonaws.com/api/`;
    expect(localUrlOf(cloud, address)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/$/);
    expect(localUrlOf(cloud, 'https://example.org/')).toBe('https://example.org/');
    const stranger = 'https://abcdefghij.execute-api.us-east-1.amazonaws.com/api/';
    expect(localUrlOf(cloud, stranger)).toBe(stranger);
  });

  test('a function gets the event of a REST proxy integration', async () => {
    const { json, headers } = await api.send('/api/items/a%20b?x=1&x=2&y', {
      headers: { 'X-Trace': ['one', 'two'], 'User-Agent': 'jest', Connection: 'close' },
    });
    expect(json).toEqual({
      resource: '/items/{id}',
      path: '/items/a%20b',
      httpMethod: 'GET',
      headers: {
        'X-Trace': 'two',
        'User-Agent': 'jest',
        Host: new URL(api.url).host,
        'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': new URL(api.url).port,
        'X-Forwarded-Proto': 'http',
      },
      multiValueHeaders: expect.objectContaining({ 'X-Trace': ['one', 'two'] }),
      queryStringParameters: { x: '2', y: '' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: [''] },
      pathParameters: { id: 'a%20b' },
      stageVariables: null,
      requestContext: {
        resourceId: expect.stringMatching(/^[0-9a-z]{6}$/),
        resourcePath: '/items/{id}',
        httpMethod: 'GET',
        extendedRequestId: headers['x-amz-apigw-id'],
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        path: '/api/items/a%20b',
        accountId: '000000000000',
        protocol: 'HTTP/1.1',
        stage: 'api',
        domainPrefix: api.apiId,
        requestTimeEpoch: expect.any(Number),
        requestId: headers['x-amzn-requestid'],
        identity: {
          cognitoIdentityPoolId: null,
          accountId: null,
          cognitoIdentityId: null,
          caller: null,
          sourceIp: '127.0.0.1',
          principalOrgId: null,
          accessKey: null,
          cognitoAuthenticationType: null,
          cognitoAuthenticationProvider: null,
          userArn: null,
          userAgent: 'jest',
          user: null,
        },
        domainName: new URL(api.url).host,
        deploymentId: api.deploymentId,
        apiId: api.apiId,
      },
      body: null,
      isBase64Encoded: false,
    });
  });

  test('the only stage also answers at the root, as behind a custom domain', async () => {
    const { json } = await api.send('/items', { method: 'POST', body: 'grüße' });
    expect(json).toMatchObject({
      path: '/items',
      body: 'grüße',
      requestContext: { path: '/items', stage: 'api' },
    });
  });

  test.each([
    ['GET /', '/', null],
    ['GET /items', '/items', null],
    ['GET /items/', '/items', null],
    ['GET /items/first', '/items/first', null],
    ['GET /items/second', '/items/{id}', { id: 'second' }],
    ['DELETE /items/1/a/b', '/items/{id}/{part+}', { id: '1', part: 'a/b' }],
  ])('%s leads to %s', async (route, resource, pathParameters) => {
    const [method = '', path = ''] = route.split(' ');
    const { json } = await api.send(`/api${path === '/' ? '' : path}`, { method });
    expect(json).toMatchObject({ resource, pathParameters });
  });

  test.each(['GET /nowhere', 'PUT /items', 'POST /items/first', 'GET //items', 'GET /items/1/'])(
    '%s has no route unless its path has one',
    async (route) => {
      const [method = '', path = ''] = route.split(' ');
      const { status, json, headers } = await api.send(path, { method });
      if (path === '/items/1/') {
        expect(status).toBe(200);
        return;
      }
      expect(status).toBe(403);
      expect(json).toEqual({ message: 'Missing Authentication Token' });
      expect(headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
    },
  );

  test.each(['throws', 'null', 'text', 'empty', 'extra', 'object', 'far', 'nested'])(
    'an answer of the kind %s is a bad gateway',
    async (kind) => {
      const { status, json } = await api.send(`/answers?kind=${kind}`);
      expect(status).toBe(502);
      expect(json).toEqual({ message: 'Internal server error' });
    },
  );

  test('the headers of an answer are merged, and those of the connection renamed', async () => {
    const { status, headers, text } = await api.send('/answers?kind=headers');
    expect(status).toBe(202);
    expect(text).toBe('plain');
    expect(headers).toMatchObject({
      'x-one': '1',
      'x-amzn-remapped-date': 'never',
      'set-cookie': ['a=1', 'b=2'],
      'content-type': 'text/plain',
    });
  });

  test('a status may be a word, and a body in Base64 stays as it is', async () => {
    const created = await api.send('/answers?kind=word');
    expect([created.status, created.text, created.headers['content-type']]).toEqual([
      201,
      '',
      'application/json',
    ]);
    expect((await api.send('/answers?kind=base64')).text).toBe('AAAA');
  });

  test('an integration that takes too long is given up', async () => {
    const { status, json } = await api.send('/answers?kind=slow');
    expect(status).toBe(504);
    expect(json).toEqual({ message: 'Endpoint request timed out' });
  });

  test('a body of more than 10 MB is too large', async () => {
    const body = 'x'.repeat(10 * 1024 * 1024 + 1);
    const { status, json } = await api.send('/items', { method: 'POST', body });
    expect(status).toBe(413);
    expect(json).toEqual({ message: 'Request Too Long' });
  });

  test('each request is a line of the access log', async () => {
    const { headers } = await api.send('/items/first');
    const log = readFileSync(join(folder.root, 'logs', 'access.log'), 'utf8');
    expect(log).toContain(`${String(headers['x-amzn-requestid'])} GET /items/first 200\n`);
  });
});
