import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from './aws-error.ts';
import type { Cloud } from './cloud.ts';
import type { Principal, Service, Wire, WireRequest, WireResponse } from './service.ts';

/** Who sent a request and for which service, told from its signature. */
export interface Identity {
  readonly principal: Principal;
  /** The service of the credential scope, such as `s3`. */
  readonly service: string;
  /** The body as signed for, with any `aws-chunked` framing taken off. @default the body as sent */
  readonly body?: Buffer;
  /** Headers that came after an `aws-chunked` body, such as its checksum; they join the others. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** Checks a request's signature. @throws AwsError when it is missing, wrong or expired */
export type Authenticate = (request: WireRequest) => Identity;

/** A page or callback that is not an AWS API, such as the mailbox; answers undefined to pass on. */
export type SideDoor = (
  request: WireRequest,
  raw: IncomingMessage,
) => Promise<WireResponse | undefined>;

/** Larger than the largest body that a served API takes (a Lambda payload is 6 MB, an S3 part more). */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** Serves every AWS API on one port; the signature's credential scope says which service is meant. */
export class FrontDoor {
  readonly #cloud: Cloud;
  readonly #authenticate: Authenticate;
  readonly #sideDoors: readonly SideDoor[];
  readonly #server: Server;

  constructor(cloud: Cloud, authenticate: Authenticate, sideDoors: readonly SideDoor[] = []) {
    this.#cloud = cloud;
    this.#authenticate = authenticate;
    this.#sideDoors = sideDoors;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (raw, response) => {
      void this.#serve(raw, response);
    });
  }

  /** Listens on 127.0.0.1. @param port 0 takes a free one @returns the endpoint's URL */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    const { port: actual } = this.#server.address() as AddressInfo;
    this.#cloud.endpoint = `http://127.0.0.1:${actual}`;
    return this.#cloud.endpoint;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, raw, await this.#answer(await wireRequest(raw), raw, response));
    } catch (error) {
      const failure = asAwsError(error);
      send(response, raw, plainFailure(failure));
    }
  }

  async #answer(
    request: WireRequest,
    raw: IncomingMessage,
    response: ServerResponse,
  ): Promise<WireResponse> {
    for (const door of this.#sideDoors) {
      const answer = await door(request, raw);
      if (answer) return answer;
    }
    const hangUp = new AbortController();
    response.once('close', () => hangUp.abort());
    let service: Service | undefined;
    const requestId = randomUUID();
    try {
      service = this.#cloud.service(credentialService(request));
      const identity = this.#authenticate(request);
      const wire = wireOf(service);
      const { action, input } = wire.parse({
        ...request,
        headers: { ...request.headers, ...identity.trailers },
        body: identity.body ?? request.body,
      });
      const output = await this.#cloud.call({
        service: service.name,
        action,
        input,
        principal: identity.principal,
        signal: hangUp.signal,
        bytes: request.body.length,
      });
      await this.#delay();
      return wire.success(action, output, requestId);
    } catch (error) {
      const failure = asAwsError(error);
      return service?.wire ? service.wire.failure(failure, requestId) : plainFailure(failure);
    }
  }

  async #delay(): Promise<void> {
    const latency = this.#cloud.faults.settings.latencyMs ?? 0;
    if (latency > 0) await sleep(latency);
  }
}

/** The service named in the credential scope of a header, a presigned URL or a POST form. */
export function credentialService(request: WireRequest): string {
  const header = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(
    request.headers['authorization'] ?? '',
  );
  if (header?.[1]) return header[1];
  const query = (request.query.get('X-Amz-Credential') ?? '').split('/')[3];
  // A browser-style form upload carries its credential in the form: only S3 takes those.
  return query ?? 's3';
}

function wireOf(service: Service): Wire {
  if (!service.wire)
    throw new AwsError('UnknownOperationException', `${service.name} has no HTTP API.`);
  return service.wire;
}

async function wireRequest(raw: IncomingMessage): Promise<WireRequest> {
  const [path = '/', query = ''] = splitOnce(raw.url ?? '/', '?');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new AwsError('RequestEntityTooLarge', 'The body is too large.', 413);
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  }
  return {
    method: raw.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    body: Buffer.concat(chunks),
  };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  console.error('internal failure of the local cloud', error);
  return new AwsError('InternalFailure', 'The local cloud failed; its log says why.', 500);
}

function plainFailure(error: AwsError): WireResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
  };
}

function send(response: ServerResponse, raw: IncomingMessage, answer: WireResponse): void {
  if (response.destroyed) return;
  const length = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, { 'content-length': length, ...answer.headers });
  response.end(raw.method === 'HEAD' ? undefined : answer.body);
}
