import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { matchRoute, type Api } from './api-store.ts';
import { Authorizers } from './authorize.ts';
import { invokeFunction } from './invoke-function.ts';
import { proxyEvent, type EdgeRequest } from './proxy-event.ts';

/** API Gateway's limits: the payload, and how long an integration may take. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT_MS = 29_000;

interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** The edge: an HTTP server on 127.0.0.1 through which the REST APIs are reached. */
export class Edge {
  readonly #cloud: Cloud;
  readonly #apis: () => readonly Api[];
  readonly #authorizers: Authorizers;
  readonly #server: Server;
  url = '';

  constructor(cloud: Cloud, apis: () => readonly Api[]) {
    this.#cloud = cloud;
    this.#apis = apis;
    this.#authorizers = new Authorizers(cloud);
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (raw, response) => {
      void this.#serve(raw, response);
    });
  }

  /** @param port tried first; when it is taken another one is */
  async listen(port: number): Promise<number> {
    const bind = (wanted: number) =>
      new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(wanted, '127.0.0.1', () => {
          this.#server.off('error', reject);
          resolve();
        });
      });
    await bind(port).catch(() => bind(0));
    const { port: actual } = this.#server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${actual}`;
    return actual;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    try {
      const answer = await this.#answer(await edgeRequest(raw, requestId, this.#cloud.now()));
      const body = Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8');
      response.writeHead(answer.statusCode, {
        'content-type': 'application/json',
        'content-length': body.length,
        'x-amzn-requestid': requestId,
        ...lowerCase(answer.headers ?? {}),
        ...lowerCase(answer.multiValueHeaders ?? {}),
      });
      response.end(raw.method === 'HEAD' ? undefined : body);
    } catch (error) {
      refuse(response, error, requestId);
    }
  }

  async #answer(request: EdgeRequest): Promise<ProxyResult> {
    const { api, path } = this.#find(request.path);
    const match = api && matchRoute(api, request.method, path);
    if (!api || !match) {
      throw new AwsError(
        'MissingAuthenticationTokenException',
        'Missing Authentication Token',
        403,
      );
    }
    const staged = { ...request, path };
    const { authorizer, integration } = match.route;
    const identity = authorizer && (await this.#authorizers.check(api, match, authorizer, staged));
    const event = proxyEvent(this.#cloud, api, match, staged, identity);
    const source = `${this.#cloud.arn('execute-api', api.id)}/${api.stage}/${request.method}${path}`;
    const { result, error } = await inTime(
      invokeFunction(this.#cloud, integration.functionArn, event, source),
    );
    if (error || !isProxyResult(result)) {
      throw new AwsError('InternalServerErrorException', 'Internal server error', 502);
    }
    return result;
  }

  /** An API is reached below its stage, and the only one at the root, as by a custom domain. */
  #find(path: string): { readonly api: Api | undefined; readonly path: string } {
    const apis = this.#apis().filter(({ stage }) => stage !== undefined);
    const staged = apis.find(({ stage }) => path === `/${stage}` || path.startsWith(`/${stage}/`));
    if (staged) return { api: staged, path: path.slice(`/${staged.stage}`.length) || '/' };
    return { api: apis.length === 1 ? apis[0] : undefined, path };
  }
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AwsError('EndpointRequestTimedOut', 'Endpoint request timed out', 504)),
      INTEGRATION_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const isProxyResult = (result: unknown): result is ProxyResult =>
  result !== null &&
  typeof result === 'object' &&
  'statusCode' in result &&
  Number.isInteger(Number(result.statusCode));

const lowerCase = <Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function refuse(response: ServerResponse, error: unknown, requestId: string): void {
  const known =
    error instanceof AwsError
      ? error
      : new AwsError('InternalServerErrorException', 'Internal server error', 500);
  if (!(error instanceof AwsError)) console.error('internal failure of the edge', error);
  // A function that may not be called, or is not there, is a fault of the integration.
  const status = known.code.startsWith('AccessDenied') && known.status !== 403 ? 500 : known.status;
  const member = known.code === 'AccessDeniedException' ? 'Message' : 'message';
  if (response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-errortype': known.code,
    'x-amzn-requestid': requestId,
  });
  response.end(JSON.stringify({ [member]: known.message }));
}

async function edgeRequest(
  raw: IncomingMessage,
  requestId: string,
  at: number,
): Promise<EdgeRequest> {
  const [path = '/', query = ''] = (raw.url ?? '/').split(/\?(.*)/s);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new AwsError(
        'RequestTooLargeException',
        'HTTP content length exceeded 10485760 bytes.',
        413,
      );
    }
    chunks.push(chunk);
  }
  const rawHeaders = Array.from(
    { length: raw.rawHeaders.length / 2 },
    (_, i) => [raw.rawHeaders[2 * i] ?? '', raw.rawHeaders[2 * i + 1] ?? ''] as const,
  );
  return {
    method: raw.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(rawHeaders.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders,
    body: Buffer.concat(chunks),
    requestId,
    sourceIp: raw.socket.remoteAddress ?? '127.0.0.1',
    at,
  };
}
