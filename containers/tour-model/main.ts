import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { answerRequest } from './work/answer-request.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });

const server = createServer((request, response) => void serve(request, response));
server.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}/v1` }));
});

// Whoever holds the other end of stdin is the one that the model works for.
process.stdin.resume();
process.stdin.once('close', () => process.exit(0));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  const answer = answerRequest(
    request.method ?? '',
    new URL(request.url ?? '/', 'http://model').pathname,
    Buffer.concat(chunks).toString('utf8'),
    Math.floor(Date.now() / 1000),
  );
  response.writeHead(answer.status, { 'content-type': answer.contentType });
  response.end(answer.body);
}
