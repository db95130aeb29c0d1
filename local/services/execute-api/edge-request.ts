import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { tooLarge } from './gateway-error.ts';

/** A request as it came in at the edge. */
export interface EdgeRequest {
  readonly method: string;
  /** As sent, not decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names as sent, in their order, with the headers that API Gateway adds. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly requestId: string;
  /** Travels as `x-amz-apigw-id`. */
  readonly extendedRequestId: string;
  readonly sourceIp: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A payload of API Gateway holds at most 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Headers of the connection, which end at the edge. */
const OF_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers that API Gateway sets itself. */
const OF_GATEWAY = new Set(['x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id']);

/** A request whose body is still on its way. */
export interface IncomingRequest {
  /** With an empty body. */
  readonly request: EdgeRequest;
  /** @throws GatewayError 413 for a body of more than 10 MB */
  read(this: void): Promise<Buffer>;
}

/** @param at milliseconds since the epoch */
export function readEdgeRequest(raw: IncomingMessage, at: number): IncomingRequest {
  const [path = '/', query = ''] = (raw.url ?? '/').split(/\?(.*)/s);
  const sourceIp = (raw.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  const request = {
    method: raw.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: headersOf(raw, sourceIp, at),
    body: Buffer.alloc(0),
    requestId: randomUUID(),
    extendedRequestId: randomBytes(11).toString('base64'),
    sourceIp,
    at,
  };
  return { request, read: () => bodyOf(raw) };
}

/** The last value of a header. @param name in lower case */
export function headerOf({ headers }: EdgeRequest, name: string): string | undefined {
  return headers.findLast(([own]) => own.toLowerCase() === name)?.[1];
}

function headersOf(raw: IncomingMessage, sourceIp: string, at: number): EdgeRequest['headers'] {
  const headers: [string, string][] = [];
  let forwarded = sourceIp;
  let trace = `Root=1-${Math.floor(at / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  for (let i = 0; i < raw.rawHeaders.length; i += 2) {
    const name = raw.rawHeaders[i] ?? '';
    const value = raw.rawHeaders[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'x-forwarded-for') forwarded = `${value}, ${forwarded}`;
    else if (lower === 'x-amzn-trace-id' && value.includes('Root=')) trace = value;
    else if (!OF_CONNECTION.has(lower) && !OF_GATEWAY.has(lower)) headers.push([name, value]);
  }
  return [
    ...headers,
    ['X-Amzn-Trace-Id', trace],
    ['X-Forwarded-For', forwarded],
    ['X-Forwarded-Port', String(raw.socket.localPort ?? 80)],
    ['X-Forwarded-Proto', 'http'],
  ];
}

/** Takes a body that is too large off the wire, so that the client comes to read the answer. */
async function bodyOf(raw: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else if (size > 10 * MAX_BODY_BYTES) break;
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}
