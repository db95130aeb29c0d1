import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One scripted answer: tool calls, a text, or a failure of the endpoint. */
export type Scripted =
  | { readonly calls: readonly { readonly tool: string; readonly input: unknown }[] }
  | { readonly text: string }
  | { readonly status: number }
  | { readonly raw: string }
  | { readonly hangMs: number };

/** A model that says exactly what a test told it to, and remembers what it was asked. */
export class ScriptedModel {
  readonly requests: any[] = [];
  readonly #answers: Scripted[];
  readonly #server: Server;

  constructor(answers: readonly Scripted[]) {
    this.#answers = [...answers];
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.requests.push(JSON.parse(body || '{}'));
        const answer = this.#answers.shift() ?? { status: 400 };
        if ('hangMs' in answer) {
          setTimeout(() => response.writeHead(500).end(), answer.hangMs).unref();
        } else if ('status' in answer) {
          response
            .writeHead(answer.status, { 'retry-after-ms': '10' })
            .end('{"error":{"message":"scripted"}}');
        } else if ('raw' in answer) {
          response.writeHead(200, { 'content-type': 'application/json' }).end(answer.raw);
        } else {
          response.writeHead(200, { 'content-type': 'application/json' }).end(completion(answer));
        }
      });
    });
  }

  push(...answers: Scripted[]): void {
    this.#answers.push(...answers);
  }

  /** Answers that no call has used. */
  get unused(): number {
    return this.#answers.length;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function completion(answer: Extract<Scripted, { calls: unknown } | { text: string }>): string {
  const calls = 'calls' in answer ? answer.calls : [];
  return JSON.stringify({
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 0,
    model: 'scripted',
    choices: [
      {
        index: 0,
        finish_reason: calls.length > 0 ? 'tool_calls' : 'stop',
        message: {
          role: 'assistant',
          content: 'text' in answer ? answer.text : null,
          ...(calls.length > 0
            ? {
                tool_calls: calls.map(({ tool, input }, i) => ({
                  id: `call_${i}`,
                  type: 'function',
                  function: { name: tool, arguments: JSON.stringify(input) },
                })),
              }
            : {}),
        },
      },
    ],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  });
}
