import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { Principal, may, type Permission } from '../domain/principal/principal.ts';
import { AppError } from '../errors/app-error.ts';
import { toProblem } from '../errors/to-http.ts';
import { logger } from './logger.ts';
import { parseInput } from './parse.ts';

const MAX_BODY_BYTES = 1_000_000;

/** A request whose caller is known and may do this. */
export interface HttpRequest<Body = unknown> {
  readonly who: Principal;
  readonly traceId: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Body;
  /** Header names are lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation of the API behind a route. */
export interface Operation<Body> {
  readonly permission: Permission;
  readonly body?: z.ZodMiniType<Body>;
  readonly answer: z.ZodMiniType;
  readonly run: (request: HttpRequest<Body>) => Promise<HttpAnswer>;
}

/** Makes an operation, so that its body's type follows from its schema. */
export const operation = <Body = undefined>(op: Operation<Body>): Operation<never> =>
  op as unknown as Operation<never>;

/**
 * A handler of API routes, named `<METHOD> <resource>`: checks role and body, validates the answer,
 * and turns every error into a problem document.
 */
export function wrapHttp(operations: Readonly<Record<string, Operation<never>>>) {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult, Error, Context>()
    .use({
      onError: (request: middy.Request<APIGatewayProxyEvent, APIGatewayProxyResult, Error>) => {
        request.response = failure(request.error, traceIdOf(request.event));
      },
    })
    .handler(async (event: APIGatewayProxyEvent) => {
      const op = operations[`${event.httpMethod} ${event.resource}`];
      if (!op)
        throw new AppError('route.not_found', `${event.httpMethod} ${event.path} is not a route.`);
      const who = parseInput(Principal, event.requestContext.authorizer);
      if (!may(who, op.permission)) {
        throw new AppError('auth.forbidden', `The role ${who.role} may not do ${op.permission}.`);
      }
      const answer = await op.run({
        who,
        traceId: traceIdOf(event),
        path: decoded(event.pathParameters),
        query: present(event.queryStringParameters),
        headers: Object.fromEntries(
          Object.entries(present(event.headers)).map(([name, value]) => [
            name.toLowerCase(),
            value,
          ]),
        ),
        body: (op.body ? parseInput(op.body, jsonBody(event)) : undefined) as never,
      });
      return reply(answer.status, op.answer.parse(answer.body), traceIdOf(event), answer.headers);
    });
}

const present = (record: Record<string, string | undefined> | null): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record ?? {}).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );

function decoded(parameters: APIGatewayProxyEvent['pathParameters']): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(present(parameters)).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
  } catch (cause) {
    throw new AppError('request.malformed', 'The path is not valid.', { cause });
  }
}

const GIVEN_TRACE = /^run-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The caller's trace id when it has Mirai's form, else one made from the request's id. */
function traceIdOf(event: APIGatewayProxyEvent): string {
  const given = Object.entries(event.headers ?? {}).find(
    ([name]) => name.toLowerCase() === 'x-trace-id',
  );
  if (given?.[1] && GIVEN_TRACE.test(given[1])) return given[1];
  return `run-${event.requestContext.requestId}`;
}

function jsonBody(event: APIGatewayProxyEvent): unknown {
  const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (raw.length > MAX_BODY_BYTES) {
    throw new AppError(
      'request.too_large',
      `The body has ${raw.length} bytes; 1,000,000 are taken.`,
    );
  }
  if (raw.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as unknown;
  } catch (cause) {
    throw new AppError('request.malformed', 'The body is not valid JSON in UTF-8.', { cause });
  }
}

function failure(error: unknown, traceId: string): APIGatewayProxyResult {
  const problem = toProblem(error, traceId);
  if (problem.status >= 500) {
    logger.error('a request failed', { trace_id: traceId, error: error as Error });
  }
  return reply(problem.status, problem, traceId, { 'content-type': 'application/problem+json' });
}

const reply = (
  status: number,
  body: unknown,
  traceId: string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult => ({
  statusCode: status,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-trace-id': traceId,
    ...headers,
  },
  body: JSON.stringify(body),
});
