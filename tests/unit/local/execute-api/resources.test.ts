import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AwsError } from '#local/kernel/aws-error.ts';
import { functionFolder } from '../lambda/function-cloud.ts';
import { apiBody, apiCloud, operation } from './api-cloud.ts';

let folder: ReturnType<typeof functionFolder>;
beforeEach(() => {
  folder = functionFolder();
});
afterEach(() => folder.clear());

const ECHO = { echo: `return { statusCode: 200, body: event.requestContext.apiId };` };
const body = apiBody({ '/a': { get: operation('echo', {}, true) } });

describe('an API', () => {
  test('keeps its id and its port over a restart', async () => {
    const first = await apiCloud(folder, ECHO, body);
    await first.close();
    const again = await apiCloud(folder, ECHO, body);
    expect([again.apiId, again.url]).toEqual([first.apiId, first.url]);
    expect((await again.send('/api/a')).text).toBe(first.apiId);
  });

  test('is gone when it leaves the template', async () => {
    const api = await apiCloud(folder, ECHO, body);
    await api.cloud.providers().get('AWS::ApiGateway::RestApi')?.remove?.(api.apiId, api.cloud);
    const { status, json } = await api.send('/api/a');
    expect([status, json]).toEqual([403, { message: 'Forbidden' }]);
  });

  test('calls functions as API Gateway on behalf of the method, and answers 500 when it may not', async () => {
    const api = await apiCloud(folder, ECHO, body);
    const seen: unknown[] = [];
    api.cloud.call = ({ principal }) => {
      seen.push(principal);
      return Promise.reject(new AwsError('AccessDeniedException', 'no', 403));
    };
    const { status, json } = await api.send('/api/a');
    expect([status, json]).toEqual([500, { message: 'Internal server error' }]);
    expect(seen).toEqual([
      {
        kind: 'service',
        service: 'apigateway.amazonaws.com',
        sourceArn: `arn:aws:execute-api:us-east-1:000000000000:${api.apiId}/api/GET/a`,
      },
    ]);
  });
});

describe('a body', () => {
  const streaming = operation('echo', { responseTransferMode: 'STREAM' }, true);
  const http = operation('echo', { type: 'http_proxy' }, true);
  test.each([
    ['that streams', apiBody({ '/a': { get: streaming } }), /response streaming/],
    ['with another integration', apiBody({ '/a': { get: http } }), /of the type http_proxy/],
    ['with a validator', { ...body, 'x-amazon-apigateway-request-validator': 'all' }, /validator/],
    ['of OpenAPI 3.1', { ...body, openapi: '3.1.0' }, /other than OpenAPI 3\.0/],
    ['with a Cognito authorizer', apiBody({}, { type: 'cognito_user_pools' }), /cognito/],
    [
      'with an identity from the context',
      apiBody({}, { identitySource: 'context.httpMethod' }),
      /the identity source context\.httpMethod/,
    ],
    ['with a strange path', apiBody({ '/a/{b+}/c': {} }), /path part is not valid/],
  ])('%s is refused by name', async (_what, other, message) => {
    const api = await apiCloud(folder, {}, apiBody({}));
    const put = api.put('AWS::ApiGateway::RestApi', 'Other', { Body: other });
    await expect(put).rejects.toThrow(message);
  });
});
