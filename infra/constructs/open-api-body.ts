import { Aws } from 'aws-cdk-lib';
import type { Route } from '#shared/api/routes.ts';

/** What API Gateway calls for a path of a Lambda function. */
const integrationUri = (functionArn: string): string =>
  `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

export interface OpenApiBodyProps {
  readonly routes: readonly Route[];
  readonly authorizerArn: string;
  readonly functionArn: (name: Route['function']) => string;
}

/**
 * The body of the REST API: an OpenAPI document with API Gateway's extensions, generated from the
 * table of routes. Every route asks the one authorizer, whose answer is kept for 30 seconds.
 */
export function openApiBody({ routes, authorizerArn, functionArn }: OpenApiBodyProps): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: {
        operationId: route.operationId,
        summary: route.summary,
        ...(parameters.length > 0 ? { parameters } : {}),
        security: [{ key: [] }],
        responses: { default: { description: 'See /openapi.json' } },
        'x-amazon-apigateway-integration': {
          type: 'aws_proxy',
          httpMethod: 'POST',
          uri: integrationUri(functionArn(route.function)),
          passthroughBehavior: 'never',
        },
      },
    };
  }
  return {
    openapi: '3.0.1',
    info: { title: 'Mirai', version: '1' },
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
            authorizerUri: integrationUri(authorizerArn),
            authorizerResultTtlInSeconds: 30,
          },
        },
      },
    },
  };
}
