import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Cloud } from '#local/kernel/cloud.ts';
import { openLogStream, type StreamWriter } from '#local/services/logs/stream-writer.ts';
import type { FunctionRevision } from '../function-settings.ts';

/** What `LogType: Tail` gives back at most. */
const TAIL_BYTES = 4096;

/** What the REPORT line of an invocation says. */
export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  /** Only of the first invocation of a process. */
  readonly initMs?: number;
  readonly memoryMb: number;
  readonly usedMb: number;
  /** Such as `timeout`, when the invocation did not end well. */
  readonly status?: string;
}

/**
 * The log stream of one process: its own lines and the platform's, written with the permissions of
 * the function's role.
 */
export class InvocationLog {
  readonly stream: string;
  readonly #writer: StreamWriter;
  #tail: string[] = [];
  #isClosed = false;

  constructor(cloud: Cloud, revision: FunctionRevision) {
    const { functionName, settings } = revision;
    const day = new Date(cloud.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    this.stream = `${day}/[${revision.version}]${randomBytes(16).toString('hex')}`;
    this.#writer = openLogStream(cloud, {
      group: settings.logGroup,
      stream: this.stream,
      principal: {
        kind: 'role',
        roleArn: settings.role,
        sessionName: functionName,
        tags: {},
      },
    });
  }

  /** Sends what was written and takes no more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writer.flush();
  }

  /** Writes down each line that a process prints. */
  follow(output: Readable): void {
    let rest = '';
    output.setEncoding('utf8');
    output.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.line(line);
    });
    output.on('end', () => {
      if (rest !== '') this.line(rest);
      rest = '';
    });
    output.on('error', () => undefined);
  }

  line(text: string): void {
    if (this.#isClosed) return;
    this.#writer.write(text);
    this.#tail.push(text);
    if (this.#tail.length > 100) this.#tail = this.#tail.slice(-50);
  }

  started(requestId: string, version: string): void {
    this.#tail = [];
    this.line(`START RequestId: ${requestId} Version: ${version}`);
  }

  /** Writes the END and REPORT lines. @returns the end of the log since START */
  reported(report: InvocationReport): string {
    this.line(`END RequestId: ${report.requestId}`);
    this.line(reportLine(report));
    return Buffer.from(`${this.#tail.join('\n')}\n`)
      .subarray(-TAIL_BYTES)
      .toString('utf8');
  }
}

/** Since August 2025 the time of the initialisation is billed too. */
function reportLine(report: InvocationReport): string {
  const { requestId, durationMs, initMs, memoryMb, usedMb, status } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${usedMb} MB`,
  ];
  if (initMs !== undefined) fields.push(`Init Duration: ${initMs.toFixed(2)} ms`);
  if (status !== undefined) fields.push(`Status: ${status}`);
  return `${fields.join('\t')}\t`;
}
