import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { FILES_MOST, type Job, type JobStatus } from '../contract.ts';
import {
  SandboxUnavailableError,
  type Box,
  type BoxUsage,
  type BoxUse,
  type PlacedFile,
} from './box.ts';
import { REPORT_FD } from './init-script.ts';
import { OutputPipe, type Captured } from './output-pipe.ts';
import { readArchive, type ArchivedFile, type SkippedEntry } from './tar-reader.ts';

/** How long the packing of artifacts may take after the code has ended. */
const COLLECT_MS = 10_000;
/** How long code may go on after its output was cut off. */
const FLOOD_MS = 1_000;
/** Room for the headers of an archive, beside the files themselves. */
const ARCHIVE_OVERHEAD_BYTES = FILES_MOST * 4096;

/** The part of a job that the box needs. */
export type BoxJob = Pick<Job, 'language' | 'code' | 'args' | 'stdin' | 'limits' | 'collect'>;

export interface RunRequest {
  readonly box: Box;
  readonly job: BoxJob;
  /** Different for each job of this process, counted from 1. */
  readonly number: number;
  /** Files that were fetched before. */
  readonly files: readonly PlacedFile[];
  /** This job's folder, with its two pipes already made. */
  readonly folder: string;
  /** Ends the job as cancelled. */
  readonly cancel: AbortSignal;
}

/** How a job went, before anything is sent anywhere. */
export interface Outcome {
  readonly status: JobStatus;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: Captured;
  readonly stderr: Captured;
  readonly files: readonly ArchivedFile[];
  readonly skipped: readonly SkippedEntry[];
  readonly wallMs: number;
  readonly usage: BoxUsage;
  readonly error: {
    readonly code: string;
    readonly reason: string;
    readonly repair: string | null;
  } | null;
}

/** Why a job was ended from outside; the first reason stands. */
type Ended = 'timed_out' | 'cancelled' | 'output_limit';

const NOTHING: Captured = { bytes: Buffer.alloc(0), isTruncated: false };
const UNUSED: BoxUsage = { cpuMs: 0, memoryPeakBytes: 0, oomKills: 0 };

/** An outcome of a job whose code never ran. */
export function notStarted(error: unknown): Outcome {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const isKnown = error instanceof SandboxUnavailableError;
  return {
    status: 'failed_to_start',
    exitCode: null,
    signal: null,
    stdout: NOTHING,
    stderr: NOTHING,
    files: [],
    skipped: [],
    wallMs: 0,
    usage: UNUSED,
    error: {
      code: isKnown ? error.code : 'sandbox.failed_to_start',
      reason: message,
      repair: isKnown ? error.repair : null,
    },
  };
}

/**
 * Runs one job in a box and judges how it ended, from what the kernel counted and from which of this
 * side's limits struck; nothing that the box says can change the verdict. When this answers, no
 * process of the job is left.
 */
export async function runJob(request: RunRequest): Promise<Outcome> {
  try {
    return await new JobRun(request).outcome();
  } catch (error) {
    return notStarted(error);
  }
}

class JobRun {
  readonly #request: RunRequest;
  #ended: Ended | undefined;
  #hasStarted = false;
  #hasFinished = false;
  #kill: () => void = () => undefined;
  #clock: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #wallMs = 0;

  constructor(request: RunRequest) {
    this.#request = request;
  }

  async outcome(): Promise<Outcome> {
    const { job, folder, cancel, box, number, files } = this.#request;
    const outFull = () => this.#stopFlood();
    const stdout = new OutputPipe(join(folder, 'stdout'), job.limits.output_bytes, outFull);
    const stderr = new OutputPipe(join(folder, 'stderr'), job.limits.output_bytes, outFull);
    const stdinFd = this.#stdin(folder, job.stdin);
    let use: BoxUse;
    let child: ChildProcess;
    const fds = { stdinFd, stdoutFd: stdout.writeFd, stderrFd: stderr.writeFd };
    try {
      use = await box.prepare({ number, job, files, folder, ...fds });
      child = this.#spawn(use);
    } catch (error) {
      stdout.close();
      stderr.close();
      throw error;
    } finally {
      closeSync(stdinFd);
      stdout.handOver();
      stderr.handOver();
    }
    const onCancel = () => this.#end('cancelled');
    cancel.addEventListener('abort', onCancel, { once: true });
    if (cancel.aborted) onCancel();
    try {
      const report = this.#read(child.stdio[REPORT_FD] as Readable);
      const exit = await exited(child);
      use.kill(undefined);
      const [out, err, archive] = await Promise.all([stdout.captured, stderr.captured, report]);
      return this.#judge({ out, err, archive, usage: use.usage(), ...exit });
    } finally {
      clearTimeout(this.#clock);
      cancel.removeEventListener('abort', onCancel);
      void use.release();
    }
  }

  #stdin(folder: string, text: string): number {
    const path = join(folder, 'stdin');
    writeFileSync(path, text, { mode: 0o444 });
    return openSync(path, 'r');
  }

  #spawn(use: BoxUse): ChildProcess {
    const { command, args, stdio, fds } = use.start;
    this.#startedAt = performance.now();
    const child = spawn(command, args, { stdio: [...stdio], env: {}, cwd: '/' });
    for (const fd of fds) closeSync(fd);
    this.#kill = () => use.kill(child.pid);
    this.#clock = setTimeout(() => this.#end('timed_out'), this.#request.job.limits.seconds * 1000);
    return child;
  }

  #end(why: Ended): void {
    if (!this.#hasFinished) this.#ended ??= why;
    this.#kill();
  }

  #stopFlood(): void {
    this.#ended ??= 'output_limit';
    setTimeout(() => {
      if (!this.#hasFinished) this.#kill();
    }, FLOOD_MS).unref();
  }

  /** Reads the report: two letters that time the run, and then the archive. */
  #read(report: Readable): Promise<Buffer> {
    const limit = this.#request.job.limits.workspace_bytes + ARCHIVE_OVERHEAD_BYTES;
    const chunks: Buffer[] = [];
    let size = 0;
    report.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (!this.#hasStarted) this.#hasStarted = true;
      if (!this.#hasFinished && size >= 2) this.#codeEnded();
      if (size > limit) report.destroy();
    });
    report.on('error', () => undefined);
    return new Promise((resolve) => {
      report.once('close', () => {
        resolve(Buffer.concat(chunks).subarray(2));
      });
    });
  }

  /** The code has ended: from here on the clock is that of the collection. */
  #codeEnded(): void {
    this.#hasFinished = true;
    this.#wallMs = performance.now() - this.#startedAt;
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.#kill(), COLLECT_MS);
  }

  #judge(seen: {
    readonly out: Captured;
    readonly err: Captured;
    readonly archive: Buffer;
    readonly usage: BoxUsage;
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }): Outcome {
    const { job } = this.#request;
    const { out, err, usage } = seen;
    if (!this.#hasStarted && !this.#ended) {
      const said = err.bytes.toString('utf8').trim().slice(0, 2000);
      return notStarted(new Error(said || `the box ended with ${seen.code ?? seen.signal}`));
    }
    const limits = { files: FILES_MOST, bytes: job.limits.workspace_bytes };
    const { files, skipped } = readArchive(seen.archive, limits, job.collect);
    const exitCode = this.#ended ? null : (seen.code ?? signalCode(seen.signal));
    return {
      status: this.#ended ?? (usage.oomKills > 0 && exitCode !== 0 ? 'out_of_memory' : 'exited'),
      exitCode,
      signal: exitCode === null ? null : signalName(exitCode),
      stdout: out,
      stderr: err,
      files,
      skipped,
      wallMs: Math.round(this.#wallMs || performance.now() - this.#startedAt),
      usage,
      error: null,
    };
  }
}

function exited(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function signalCode(signal: NodeJS.Signals | null): number | null {
  return signal && 128 + constants.signals[signal];
}

/** The signal that an exit code stands for, by the shell's convention of 128 + n. */
function signalName(exitCode: number): string | null {
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return found?.[0] ?? null;
}
