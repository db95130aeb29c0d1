import type { Cloud } from '#local/kernel/cloud.ts';
import type { Api, Match } from './api-store.ts';
import type { Identity } from './authorize.ts';

/** A request as it came in at the edge. */
export interface EdgeRequest {
  readonly method: string;
  /** Without the stage, as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names as sent, values in order. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly at: number;
}

/** The event of a Lambda proxy integration of a REST API (payload version 1.0). */
export function proxyEvent(
  cloud: Cloud,
  api: Api,
  { route, parameters }: Match,
  request: EdgeRequest,
  identity: Identity | undefined,
) {
  const query = [...request.query.keys()];
  const text = request.body.toString('utf8');
  // Without binary media types API Gateway hands every body on as text.
  return {
    resource: route.resource,
    path: request.path,
    httpMethod: request.method,
    headers: Object.fromEntries(request.rawHeaders),
    multiValueHeaders: grouped(request.rawHeaders),
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(request.query),
    multiValueQueryStringParameters:
      query.length === 0
        ? null
        : Object.fromEntries(query.map((name) => [name, request.query.getAll(name)])),
    pathParameters: Object.keys(parameters).length === 0 ? null : parameters,
    stageVariables: null,
    requestContext: contextOf(cloud, api, route.resource, request, identity),
    body: request.body.length === 0 ? null : text,
    isBase64Encoded: false,
  };
}

function contextOf(
  cloud: Cloud,
  api: Api,
  resourcePath: string,
  request: EdgeRequest,
  identity: Identity | undefined,
) {
  return {
    accountId: cloud.account,
    apiId: api.id,
    ...(identity
      ? { authorizer: { ...strings(identity.context), principalId: identity.principalId } }
      : {}),
    domainName: request.headers['host'] ?? '',
    extendedRequestId: request.requestId,
    httpMethod: request.method,
    identity: { sourceIp: request.sourceIp, userAgent: request.headers['user-agent'] ?? null },
    path: `/${api.stage}${request.path}`,
    protocol: 'HTTP/1.1',
    requestId: request.requestId,
    requestTime: new Date(request.at).toUTCString(),
    requestTimeEpoch: request.at,
    resourceId: api.id.slice(0, 6),
    resourcePath,
    stage: api.stage,
  };
}

/** The authorizer's context reaches the function as strings. */
const strings = (context: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));

function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const [name, value] of pairs) (groups[name] ??= []).push(value);
  return groups;
}
