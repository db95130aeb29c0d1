import { createHash } from 'node:crypto';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';

/** An integration of a route: the function that is called. */
export interface Integration {
  readonly functionArn: string;
}

/** A Lambda authorizer of a REST API. */
export interface Authorizer {
  readonly id: string;
  readonly kind: 'request' | 'token';
  readonly functionArn: string;
  /** Header names, in lower case, that make up the identity. */
  readonly identityHeaders: readonly string[];
  readonly ttlSeconds: number;
}

/** One method of one path. */
export interface ApiRoute {
  readonly method: string;
  /** Such as `/v1/tasks/{task_id}`. */
  readonly resource: string;
  readonly segments: readonly string[];
  readonly integration: Integration;
  readonly authorizer: Authorizer | undefined;
}

export interface Api {
  readonly id: string;
  readonly name: string;
  readonly routes: readonly ApiRoute[];
  stage: string | undefined;
}

interface OpenApiOperation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly 'x-amazon-apigateway-integration'?: { readonly type?: string; readonly uri?: string };
}

/** The part of an OpenAPI document that is read. */
export interface OpenApiBody {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components?: {
    readonly securitySchemes?: Readonly<
      Record<
        string,
        {
          readonly 'x-amazon-apigateway-authorizer'?: {
            readonly type?: string;
            readonly identitySource?: string;
            readonly authorizerUri?: string;
            readonly authorizerResultTtlInSeconds?: number;
          };
        }
      >
    >;
  };
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** Ten characters of lower-case letters and digits, the same for the same name. */
export const apiIdOf = (name: string): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 10);

/** The function that `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/<arn>/invocations` names. */
function functionOf(uri: string | undefined): string {
  const arn = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri ?? '')?.[1];
  if (!arn) throw notServed(`an integration with the URI ${uri}`);
  return arn;
}

/**
 * Reads the OpenAPI body of a REST API.
 *
 * @throws AwsError for what is not served: other integrations than `aws_proxy`, other authorizers
 *   than Lambda's by header
 */
export function readApi(name: string, body: OpenApiBody): Api {
  const id = apiIdOf(name);
  const authorizers = readAuthorizers(body, name);
  const routes = Object.entries(body.paths ?? {}).flatMap(([resource, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method) || method === 'x-amazon-apigateway-any-method')
      .map(([method, operation]) => readRoute(resource, method, operation, authorizers)),
  );
  return { id, name, routes, stage: undefined };
}

function readAuthorizers(body: OpenApiBody, name: string): ReadonlyMap<string, Authorizer> {
  const schemes = Object.entries(body.components?.securitySchemes ?? {});
  return new Map(
    schemes.map(([scheme, { 'x-amazon-apigateway-authorizer': authorizer }]) => {
      if (!authorizer || (authorizer.type !== 'request' && authorizer.type !== 'token')) {
        throw notServed(`the security scheme ${scheme} without a Lambda authorizer`);
      }
      const sources = (authorizer.identitySource ?? 'method.request.header.Authorization').split(
        ',',
      );
      return [
        scheme,
        {
          id: apiIdOf(`${name}/${scheme}`).slice(0, 6),
          kind: authorizer.type,
          functionArn: functionOf(authorizer.authorizerUri),
          identityHeaders: sources.map((source) => headerOf(source.trim())),
          ttlSeconds: authorizer.authorizerResultTtlInSeconds ?? 300,
        },
      ];
    }),
  );
}

function headerOf(source: string): string {
  const header = /^method\.request\.header\.(.+)$/.exec(source)?.[1];
  if (!header) throw notServed(`the identity source ${source}`);
  return header.toLowerCase();
}

function readRoute(
  resource: string,
  method: string,
  operation: OpenApiOperation,
  authorizers: ReadonlyMap<string, Authorizer>,
): ApiRoute {
  const integration = operation['x-amazon-apigateway-integration'];
  if (integration?.type?.toLowerCase() !== 'aws_proxy') {
    throw notServed(`the integration type ${integration?.type} of ${method} ${resource}`);
  }
  const [scheme] = operation.security?.map((entry) => Object.keys(entry)[0] ?? '') ?? [];
  const authorizer = scheme === undefined ? undefined : authorizers.get(scheme);
  if (scheme !== undefined && !authorizer) {
    throw new AwsError('BadRequestException', `${resource} names the unknown scheme ${scheme}.`);
  }
  return {
    method: method === 'x-amazon-apigateway-any-method' ? 'ANY' : method.toUpperCase(),
    resource,
    segments: resource.split('/').filter(Boolean),
    integration: { functionArn: functionOf(integration.uri) },
    authorizer,
  };
}

/** A route that a path leads to, with its parameters as they stand in the path. */
export interface Match {
  readonly route: ApiRoute;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The route of a request: a fixed segment goes before a parameter, a parameter before a greedy one. */
export function matchRoute(api: Api, method: string, path: string): Match | undefined {
  const given = path.split('/').filter(Boolean);
  const matches = api.routes
    .filter((route) => route.method === method || route.method === 'ANY')
    .flatMap((route) => {
      const parameters = parametersOf(route.segments, given);
      return parameters ? [{ route, parameters }] : [];
    });
  return matches.sort((a, b) => rank(b.route).localeCompare(rank(a.route)))[0];
}

/** 2 for a fixed segment, 1 for a parameter, 0 for a greedy one: greater goes first. */
const rank = ({ segments, method }: ApiRoute): string =>
  segments.map((s) => (s.endsWith('+}') ? '0' : s.startsWith('{') ? '1' : '2')).join('') +
  (method === 'ANY' ? '0' : '1');

function parametersOf(
  segments: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const name = /^\{(.+?)(\+?)\}$/.exec(segment);
    if (name?.[2]) {
      if (given.length <= i) return undefined;
      parameters[name[1] ?? ''] = given.slice(i).join('/');
      return parameters;
    }
    const value = given[i];
    if (value === undefined || (!name && value !== segment)) return undefined;
    if (name) parameters[name[1] ?? ''] = value;
  }
  return segments.length === given.length ? parameters : undefined;
}
