import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes the named pipes of one job. Node gives children socket pairs, which cannot be opened again
 * as /dev/stdout or /dev/stderr and which could carry descriptors to the parent; a pipe is neither.
 * Mode 666 lets the box open its own end again; the folder lets nobody else reach it.
 */
export async function makePipes(folder: string): Promise<void> {
  await run('/usr/bin/mkfifo', ['-m', '666', join(folder, 'stdout'), join(folder, 'stderr')]);
}

/** What a stream gave, up to a limit. */
export interface Captured {
  readonly bytes: Buffer;
  readonly isTruncated: boolean;
}

/** The parent's side of one output pipe. */
export class OutputPipe {
  /** The writing end, for the child; closed by `handOver`. */
  readonly writeFd: number;
  /** What was written, once every writer is gone or the limit is reached. */
  readonly captured: Promise<Captured>;
  readonly #socket: Socket;

  /** @param onFull called once when more than `limit` bytes came; the pipe is then already closed */
  constructor(path: string, limit: number, onFull: () => void) {
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writeFd = openSync(path, constants.O_WRONLY);
    this.#socket = new Socket({ fd: readFd, readable: true, writable: false });
    this.captured = this.#capture(limit, onFull);
  }

  /** Closes the parent's copy of the writing end: call it when the child has been started. */
  handOver(): void {
    closeSync(this.writeFd);
  }

  /** Stops reading; a writer that goes on gets SIGPIPE. */
  close(): void {
    this.#socket.destroy();
  }

  #capture(limit: number, onFull: () => void): Promise<Captured> {
    const chunks: Buffer[] = [];
    let size = 0;
    let isTruncated = false;
    this.#socket.on('data', (chunk: Buffer) => {
      if (isTruncated) return;
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
      if (size <= limit) return;
      isTruncated = true;
      this.close();
      onFull();
    });
    this.#socket.on('error', () => undefined);
    return new Promise((resolve) => {
      this.#socket.once('close', () => {
        resolve({ bytes: Buffer.concat(chunks), isTruncated });
      });
    });
  }
}
