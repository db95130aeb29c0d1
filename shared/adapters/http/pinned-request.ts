import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

const TIMEOUT_MS = 15_000;

/** Every address of a host name. */
export const resolvePublic = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

export interface PinnedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly truncated: boolean;
}

/**
 * Requests a URL from one given address: the name is used for `Host` and the certificate, and is
 * never resolved again, so that it cannot come to mean something else meanwhile.
 *
 * @throws Error when the connection, the certificate or the time fails
 */
export function requestFrom(url: URL, address: string, maxBytes: number): Promise<PinnedAnswer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send({
      host: address,
      port: url.protocol === 'https:' ? 443 : 80,
      servername: url.hostname,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: {
        host: url.host,
        'user-agent': 'Mirai/1',
        accept: 'text/*, application/json;q=0.9',
      },
      agent: false,
      timeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('response', (response) => {
      read(response, maxBytes).then(resolve, reject);
    });
    request.end();
  });
}

async function read(response: IncomingMessage, maxBytes: number): Promise<PinnedAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  response.destroy();
  return {
    status: response.statusCode ?? 0,
    headers: {
      location: response.headers.location,
      'content-type': response.headers['content-type'],
    },
    body: Buffer.concat(chunks),
    truncated: size > maxBytes,
  };
}
