import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly body: unknown;
  /** Breaks the connection instead of answering. */
  readonly breaks?: boolean;
}

/** An HTTPS API that answers as the test says, and remembers what it was asked. */
export async function fakeApi(
  answer: (request: SeenRequest, nth: number) => FakeAnswer | undefined,
) {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const seen: SeenRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        key: request.headers.authorization,
        idempotencyKey: request.headers['idempotency-key'] as string | undefined,
        body: text === '' ? undefined : JSON.parse(text),
      };
      requests.push(seen);
      const {
        status = 200,
        body,
        breaks,
      } = answer(seen, requests.length - 1) ?? {
        status: 404,
        body: { message: `nothing at ${seen.path}` },
      };
      if (breaks) return void request.socket.destroy();
      response.writeHead(status, { 'content-type': 'application/json', 'x-trace-id': 'run-1' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
