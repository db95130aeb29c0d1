import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cloud } from '#local/kernel/cloud.ts';
import { writeAccessLog } from './access-log.ts';
import type { ApiTable, Place } from './api-table.ts';
import type { Authorizers } from './authorizers.ts';
import { headerOf, readEdgeRequest, type EdgeRequest } from './edge-request.ts';
import { serveRequest, type Trail } from './gateway.ts';
import { forbidden, GatewayError, integrationFailed } from './gateway-error.ts';
import type { EdgeAnswer } from './proxy-answer.ts';

interface EdgeParts {
  readonly cloud: Cloud;
  readonly apis: ApiTable;
  readonly authorizers: Authorizers;
}

/** The HTTP server on 127.0.0.1 through which the REST APIs are reached. */
export class Edge {
  readonly #parts: EdgeParts;
  readonly #server: Server;
  #url: string | undefined;

  constructor(parts: EdgeParts) {
    this.#parts = parts;
    this.#server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (raw, response) => {
      void this.#serve(raw, response);
    });
  }

  /** `http://127.0.0.1:<port>` once it listens. */
  get url(): string | undefined {
    return this.#url;
  }

  /** @param wanted tried first; another port is taken when it is not free @returns the port */
  async listen(wanted: number): Promise<number> {
    await this.#bind(wanted).catch(() => this.#bind(0));
    const { port } = this.#server.address() as AddressInfo;
    this.#url = `http://127.0.0.1:${port}`;
    return port;
  }

  async close(): Promise<void> {
    this.#url = undefined;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #bind(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async #serve(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const { cloud, apis } = this.#parts;
    const place = apis.find((raw.url ?? '/').split('?', 1)[0] ?? '/');
    const trail: Trail = {};
    const { request, read } = readEdgeRequest(raw, cloud.now());
    let answer: EdgeAnswer;
    let error: string | undefined;
    try {
      answer = await this.#answer(place, { ...request, body: await read() }, trail);
    } catch (thrown) {
      const failure = asGatewayError(thrown);
      error = failure.message;
      answer = {
        status: failure.status,
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': failure.name },
        body: JSON.stringify(failure.body),
      };
    }
    const responseLength = send(raw, response, request, answer);
    if (!place) return;
    const responseLatency = performance.now() - startedAt;
    const { status } = answer;
    const served = { request, ...trail, status, responseLength, responseLatency, error };
    writeAccessLog(cloud, place.stage, served);
  }

  async #answer(place: Place | undefined, request: EdgeRequest, trail: Trail): Promise<EdgeAnswer> {
    if (!place) throw forbidden();
    return serveRequest(this.#parts, place, request, trail);
  }
}

/** @returns the length of the body in bytes */
function send(
  raw: IncomingMessage,
  response: ServerResponse,
  request: EdgeRequest,
  { status, headers, body }: EdgeAnswer,
): number {
  const length = Buffer.byteLength(body);
  if (response.destroyed) return length;
  response.writeHead(status, {
    'content-length': length,
    'x-amzn-requestid': request.requestId,
    'x-amz-apigw-id': request.extendedRequestId,
    'x-amzn-trace-id': headerOf(request, 'x-amzn-trace-id') ?? '',
    ...headers,
  });
  response.end(raw.method === 'HEAD' ? undefined : body);
  return length;
}

function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  console.error('internal failure of the edge', error);
  return integrationFailed(500);
}
