import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionFolder } from '../lambda/function-cloud.ts';
import { apiBody, apiCloud, operation } from './api-cloud.ts';

let folder: ReturnType<typeof functionFolder>;
beforeEach(() => {
  folder = functionFolder();
  appendFileSync(calls(), '');
});
afterEach(() => folder.clear());

const calls = () => join(folder.root, 'calls.jsonl');
const asked = () =>
  readFileSync(calls(), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** An API whose authorizer notes its events and then does as `code` says. */
const withAuthorizer = (code: string, authorizer: object = {}) =>
  apiCloud(
    folder,
    {
      echo: 'return { statusCode: 200, body: JSON.stringify(event.requestContext) };',
      authorize: `
        require('node:fs').appendFileSync(${JSON.stringify(calls())}, JSON.stringify(event) + '\\n');
        const policy = (Effect, Resource) => ({
          Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
        });
        const stage = event.methodArn.split('/').slice(0, 2).join('/');
        ${code}`,
    },
    apiBody(
      { '/a': { get: operation('echo') }, '/b/{id}': { get: operation('echo') } },
      authorizer,
    ),
  );

const allowAll = `return {
  principalId: 'olivia', policyDocument: policy('Allow', stage + '/*'),
  context: { tenant: 'acme', level: 3, admin: false },
};`;

const headers = { Authorization: 'Bearer one' };

describe('a Lambda authorizer', () => {
  test('tells the function who calls, and is asked once for the time that it allows', async () => {
    const api = await withAuthorizer(allowAll);
    const first = await api.send('/api/a', { headers });
    expect(first.json).toMatchObject({
      authorizer: {
        principalId: 'olivia',
        tenant: 'acme',
        level: '3',
        admin: 'false',
        integrationLatency: expect.any(Number),
      },
    });
    const second = await api.send('/api/b/1', { headers });
    expect(second.json).toMatchObject({ authorizer: { tenant: 'acme', integrationLatency: 0 } });
    expect((await api.send('/api/a', { headers: { Authorization: 'two' } })).status).toBe(200);
    const events = asked();
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${api.apiId}/api/GET/a`,
      resource: '/a',
      path: '/a',
      httpMethod: 'GET',
      headers: { Authorization: 'Bearer one' },
      queryStringParameters: {},
      pathParameters: {},
      stageVariables: {},
    });
    expect(events[0]).not.toHaveProperty('body');
  });

  test('is not asked by a caller who does not say who they are', async () => {
    const api = await withAuthorizer(allowAll);
    const { status, json } = await api.send('/api/a');
    expect([status, json]).toEqual([401, { message: 'Unauthorized' }]);
    expect(asked()).toHaveLength(0);
  });

  test.each([
    [`throw new Error('Unauthorized');`, 401, { message: 'Unauthorized' }],
    [`throw new Error('Unauthorized!');`, 500, { message: null }],
    [`return 'yes';`, 500, { message: null }],
    [`return { principalId: 'x', policyDocument: {} };`, 500, { message: null }],
    [
      `return { principalId: 'x', policyDocument: policy('Allow', '*'), context: { a: {} } };`,
      500,
      { message: null },
    ],
    [
      `return { principalId: 'x', policyDocument: policy('Deny', event.methodArn) };`,
      403,
      { Message: 'User is not authorized to access this resource with an explicit deny' },
    ],
    [
      `return { principalId: 'x', policyDocument: policy('Allow', stage + '/POST/*') };`,
      403,
      { Message: 'User is not authorized to access this resource' },
    ],
  ])('that does %s makes the answer %d', async (code, status, body) => {
    const api = await withAuthorizer(code);
    const answer = await api.send('/api/a', { headers });
    expect([answer.status, answer.json]).toEqual([status, body]);
  });

  test('has its kept policy judged for each method anew', async () => {
    const api = await withAuthorizer(
      `return { principalId: 'x', policyDocument: policy('Allow', stage + '/GET/b/*') };`,
    );
    expect((await api.send('/api/b/1', { headers })).status).toBe(200);
    expect((await api.send('/api/a', { headers })).status).toBe(403);
    expect(asked()).toHaveLength(1);
  });

  test('is asked each time when its answers are not to be kept', async () => {
    const api = await withAuthorizer(allowAll, { authorizerResultTtlInSeconds: 0 });
    await api.send('/api/a', { headers });
    await api.send('/api/a', { headers });
    expect(asked()).toHaveLength(2);
  });

  test('of the TOKEN kind gets the token alone, if it has the right form', async () => {
    const api = await withAuthorizer(allowAll, {
      type: 'token',
      identityValidationExpression: 'Bearer .+',
    });
    expect((await api.send('/api/a', { headers: { Authorization: 'Basic x' } })).status).toBe(401);
    expect((await api.send('/api/a', { headers })).status).toBe(200);
    expect(asked()).toEqual([
      {
        type: 'TOKEN',
        methodArn: `arn:aws:execute-api:us-east-1:000000000000:${api.apiId}/api/GET/a`,
        authorizationToken: 'Bearer one',
      },
    ]);
  });
});
