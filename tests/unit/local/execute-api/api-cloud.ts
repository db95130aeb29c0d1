import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { apiGatewayService, localUrlOf } from '#local/services/execute-api/execute-api.ts';
import { functionProperties, type functionFolder } from '../lambda/function-cloud.ts';

const REGION = 'us-east-1';

export const uriOf = (functionName: string): string =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:000000000000:function:${functionName}/invocations`;

/** An operation that a function serves, by the authorizer unless it is `open`. */
export const operation = (functionName: string, more: object = {}, open = false) => ({
  responses: {},
  ...(open ? {} : { security: [{ key: [] }] }),
  'x-amazon-apigateway-integration': {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri: uriOf(functionName),
    passthroughBehavior: 'never',
    ...more,
  },
});

/** A body of a REST API with the paths given and one authorizer named `key`. */
export const apiBody = (paths: object, authorizer: object = {}) => ({
  openapi: '3.0.1',
  info: { title: 'Test', version: '1' },
  paths,
  components: {
    securitySchemes: {
      key: {
        type: 'apiKey',
        name: 'Authorization',
        in: 'header',
        'x-amazon-apigateway-authtype': 'custom',
        'x-amazon-apigateway-authorizer': {
          type: 'request',
          identitySource: 'method.request.header.Authorization',
          authorizerUri: uriOf('authorize'),
          authorizerResultTtlInSeconds: 30,
          ...authorizer,
        },
      },
    },
  },
});

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

/** Sends one request, its path exactly as given. */
export function send(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string | string[]>; body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers } = options;
    const outgoing = httpRequest({ hostname, port, path, method, headers, agent: false }, (raw) => {
      const chunks: Buffer[] = [];
      raw.on('data', (chunk: Buffer) => chunks.push(chunk));
      raw.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json: unknown;
        try {
          json = JSON.parse(text) as unknown;
        } catch {
          json = undefined;
        }
        resolve({ status: raw.statusCode ?? 0, headers: raw.headers, text, json });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** A cloud with functions, given by the body of their handlers, and one API before them. */
export async function apiCloud(
  folder: ReturnType<typeof functionFolder>,
  functions: Readonly<Record<string, string>>,
  body: object,
) {
  const running = await folder.cloud({ more: (cloud) => [apiGatewayService(cloud)] });
  for (const [name, code] of Object.entries(functions)) {
    const asset = folder.asset({
      'index.js': `exports.handler = async (event, context) => { ${code} };`,
    });
    const properties = functionProperties({ FunctionName: name });
    await running.put('AWS::Lambda::Function', name, properties, asset);
  }
  const api = await running.put('AWS::ApiGateway::RestApi', 'Api', { Body: body, Name: 'test' });
  const deployment = await running.put('AWS::ApiGateway::Deployment', 'Deployment', {
    RestApiId: api.ref,
  });
  await running.put('AWS::ApiGateway::Stage', 'Stage', {
    RestApiId: api.ref,
    DeploymentId: deployment.ref,
    StageName: 'api',
    AccessLogSetting: {
      DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:access:*',
      Format: '$context.requestId $context.httpMethod $context.resourcePath $context.status',
    },
    MethodSettings: [],
  });
  const url = localUrlOf(running.cloud, `https://${api.ref}.execute-api.${REGION}.amazonaws.com`);
  return {
    ...running,
    apiId: api.ref,
    deploymentId: deployment.ref,
    url,
    send: (path: string, options?: Parameters<typeof send>[2]) => send(url, path, options),
  };
}
