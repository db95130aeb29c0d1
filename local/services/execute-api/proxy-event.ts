import type { Cloud } from '#local/kernel/cloud.ts';
import type { EdgeRequest } from './edge-request.ts';
import { headerOf } from './edge-request.ts';
import type { Route } from './route-table.ts';

/** A request that has found its API, stage and route. */
export interface RoutedRequest {
  readonly request: EdgeRequest;
  readonly apiId: string;
  readonly stage: string;
  readonly deploymentId: string;
  /** As sent, without the stage. */
  readonly path: string;
  readonly route: Route;
}

/** What an authorizer found out about the caller. */
export interface Caller {
  readonly principalId: string;
  readonly context: Readonly<Record<string, string>>;
  /** Milliseconds that the authorizer took; 0 for a kept answer. */
  readonly integrationLatency: number;
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>` */
export const methodArn = (cloud: Cloud, { apiId, stage, path, request }: RoutedRequest): string =>
  cloud.arn('execute-api', `${apiId}/${stage}/${request.method}${path}`);

/** The event of a Lambda proxy integration of a REST API. */
export function proxyEvent(cloud: Cloud, routed: RoutedRequest, caller?: Caller): object {
  const { request, route } = routed;
  const query = maps(request.query);
  return {
    resource: route.resource.path,
    path: routed.path,
    httpMethod: request.method,
    ...headerMaps(request),
    queryStringParameters: query?.single ?? null,
    multiValueQueryStringParameters: query?.multi ?? null,
    pathParameters: Object.keys(route.parameters).length > 0 ? route.parameters : null,
    stageVariables: null,
    requestContext: requestContext(cloud, routed, caller),
    body: request.body.length > 0 ? request.body.toString('utf8') : null,
    isBase64Encoded: false,
  };
}

/** The event of a REQUEST authorizer: the same without body, empty maps instead of null. */
export function authorizerEvent(cloud: Cloud, routed: RoutedRequest): object {
  const { request, route } = routed;
  const query = maps(request.query);
  return {
    type: 'REQUEST',
    methodArn: methodArn(cloud, routed),
    resource: route.resource.path,
    path: routed.path,
    httpMethod: request.method,
    ...headerMaps(request),
    queryStringParameters: query?.single ?? {},
    multiValueQueryStringParameters: query?.multi ?? {},
    pathParameters: route.parameters,
    stageVariables: {},
    requestContext: requestContext(cloud, routed),
  };
}

function requestContext(cloud: Cloud, routed: RoutedRequest, caller?: Caller): object {
  const { request, route, apiId } = routed;
  return {
    resourceId: route.resource.id,
    ...(caller && {
      authorizer: {
        ...caller.context,
        principalId: caller.principalId,
        integrationLatency: caller.integrationLatency,
      },
    }),
    resourcePath: route.resource.path,
    httpMethod: request.method,
    extendedRequestId: request.extendedRequestId,
    requestTime: logTime(request.at),
    path: request.path,
    accountId: cloud.account,
    protocol: 'HTTP/1.1',
    stage: routed.stage,
    domainPrefix: apiId,
    requestTimeEpoch: request.at,
    requestId: request.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: headerOf(request, 'user-agent') ?? null,
      user: null,
    },
    domainName: headerOf(request, 'host') ?? '',
    deploymentId: routed.deploymentId,
    apiId,
  };
}

function headerMaps({ headers }: EdgeRequest) {
  const { single, multi } = maps(headers) ?? { single: {}, multi: {} };
  return { headers: single, multiValueHeaders: multi };
}

/** The last value of each name, and all of them. */
function maps(pairs: Iterable<readonly [string, string]>) {
  const multi: Record<string, string[]> = {};
  for (const [name, value] of pairs) (multi[name] ??= []).push(value);
  const names = Object.keys(multi);
  if (names.length === 0) return undefined;
  const single = Object.fromEntries(names.map((name) => [name, multi[name]?.at(-1) ?? '']));
  return { single, multi };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** As access logs have it: `21/Nov/2026:05:04:03 +0000`. */
export function logTime(at: number): string {
  const [year, month, day] = new Date(at).toISOString().slice(0, 10).split('-');
  const time = new Date(at).toISOString().slice(11, 19);
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}
