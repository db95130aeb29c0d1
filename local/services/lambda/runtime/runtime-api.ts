import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionProcess } from './function-process.ts';

/**
 * The Lambda Runtime API, which the processes of functions speak. Each process reaches it under a
 * path that begins with a secret of its own, so that nobody else can take or answer its events.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #processes = new Map<string, FunctionProcess>();

  constructor() {
    this.#server = createServer(
      { keepAliveTimeout: 0, requestTimeout: 0, noDelay: true },
      (request, response) => void this.#serve(request, response),
    );
  }

  /** @returns `127.0.0.1:<port>` */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  admit(process: FunctionProcess): void {
    this.#processes.set(process.secret, process);
  }

  dismiss(process: FunctionProcess): void {
    this.#processes.delete(process.secret);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, secret = '', version, , area, third, fourth] = (request.url ?? '').split('/');
    const process = this.#processes.get(secret);
    if (!process || version !== '2018-06-01') {
      answer(response, 403, 'Forbidden');
      return;
    }
    const route = `${request.method} ${area}/${fourth === undefined ? third : `*/${fourth}`}`;
    if (route === 'GET invocation/next') {
      process.next(response);
      return;
    }
    const body = await bodyOf(request);
    if (!body) return;
    switch (route) {
      case 'POST invocation/*/response':
      case 'POST invocation/*/error': {
        const known = process.answer(third ?? '', fourth === 'error', body);
        if (known) answer(response, 202, 'OK');
        else answer(response, 400, 'InvalidRequestID');
        return;
      }
      case 'POST init/error':
        process.initFailed(body);
        answer(response, 202, 'OK');
        return;
      default:
        answer(response, 404, 'NotFound');
    }
  }
}

function answer(response: ServerResponse, status: number, word: string): void {
  const body = JSON.stringify(status === 202 ? { status: word } : { errorType: word });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  response.writeHead(status, headers).end(body);
}

/** Undefined when the process died while it was answering. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
