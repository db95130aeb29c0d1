import type { JobResult } from '#containers/sandbox/contract.ts';

/** A run's lease of one sandbox task. */
export interface Lease {
  readonly lease_id: string;
  /** Null until the task has been started. */
  readonly task_arn: string | null;
  readonly ended_at: string | null;
}

/** A sandbox job that a callback waits for. */
export interface SandboxWait {
  readonly turn: number;
  readonly index: number;
  readonly jobId: string;
  readonly leaseId: string;
  readonly sealedToken: string;
}

/** A piece of code for the box, as the desk needs to know it. */
export interface JobOrder {
  readonly jobId: string;
  readonly language: 'python' | 'javascript' | 'bash';
  readonly code: string;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly seconds: number;
  readonly files: readonly {
    readonly name: string;
    readonly artifactId: string;
    readonly sha256: string;
  }[];
}

/** The desk through which jobs reach a sandbox and results come back. */
export interface SandboxDesk {
  lease(): Promise<Lease | undefined>;
  /** Opens a lease unless a live one is there. @returns the lease that holds now */
  openLease(leaseId: string, at: string): Promise<Lease>;
  endLease(leaseId: string, at: string): Promise<void>;
  wait(turn: number, index: number): Promise<SandboxWait | undefined>;
  waits(): Promise<readonly SandboxWait[]>;
  /** Stores who waits for a job; a later callback for the same job takes the place of the earlier. */
  putWait(wait: SandboxWait): Promise<void>;
  /** Puts a job into the lease's mailbox, once a job id. */
  post(leaseId: string, order: JobOrder): Promise<void>;
  /** Starts the lease's task; doing it twice starts one. */
  start(leaseId: string): Promise<void>;
  /** What the sandbox said of a job, or undefined when there is nothing (yet). */
  result(leaseId: string, jobId: string): Promise<JobResult | undefined>;
  /** The body of an artifact that a result names. */
  readOutput(key: string): Promise<Uint8Array>;
}
