import type { Job } from '../contract.ts';
import type { SpawnOptions } from 'node:child_process';

/** A file of a job, in the shell's own folder. */
export interface PlacedFile {
  /** Relative to `/workspace`. */
  readonly path: string;
  /** A file that the shell made. */
  readonly source: string;
}

/** What a box is asked to run. */
export interface BoxRequest {
  /** Different for each job of a shell, counted from 1. */
  readonly number: number;
  readonly job: Pick<Job, 'language' | 'code' | 'args' | 'limits'>;
  readonly files: readonly PlacedFile[];
  /** The shell's own folder of this job. */
  readonly folder: string;
  readonly stdinFd: number;
  readonly stdoutFd: number;
  readonly stderrFd: number;
}

/** A process to be started. */
export interface BoxStart {
  readonly command: string;
  readonly args: readonly string[];
  /** Descriptor 3 is the report. */
  readonly stdio: NonNullable<Exclude<SpawnOptions['stdio'], string>>;
  /** Descriptors of this process to close once the child has been started. */
  readonly fds: readonly number[];
}

/** What was counted from outside. */
export interface BoxUsage {
  readonly cpuMs: number;
  readonly memoryPeakBytes: number;
  readonly oomKills: number;
}

/** One use of a box. */
export interface BoxUse {
  readonly start: BoxStart;
  usage(): BoxUsage;
  /** Ends every process of the job, also those that left its group. `pid` is that of the start. */
  kill(pid: number | undefined): void;
  /** Lets go of everything that was made for the job; may go on in the background. */
  release(): Promise<void>;
}

/** A way to run code in isolation: a sandbox of this machine, or the launcher within a container. */
export interface Box {
  readonly name: 'bubblewrap' | 'launcher';
  prepare(request: BoxRequest): Promise<BoxUse>;
  /** Waits until everything that was made for its jobs is gone. */
  close(): Promise<void>;
}

/** The machine cannot isolate, or lacks what a job needs. */
export class SandboxUnavailableError extends Error {
  readonly code = 'sandbox.unavailable';
  /** The one command that repairs the machine, where there is one. */
  readonly repair: string | null;

  constructor(reason: string, repair: string | null = null) {
    super(reason);
    this.name = 'sandbox.unavailable';
    this.repair = repair;
  }
}
