import type { Artifact } from '../domain/artifact/artifact.ts';
import type { Run } from '../domain/run/run.ts';
import type { Task } from '../domain/task/task.ts';

/** An earlier request with the same Idempotency-Key. */
export interface EarlierRequest {
  readonly request_digest: string;
  readonly task_id: string;
  /** JSON of the answer that it got. */
  readonly answer: string;
}

/** A tenant's tasks. Every change is conditional, so that two callers cannot both make it. */
export interface TaskStore {
  find(taskId: string): Promise<Task | undefined>;
  /**
   * Stores a task with its body, files and idempotency record in one transaction.
   *
   * @returns the earlier request when the key was used before; then nothing is stored
   */
  create(
    task: Task,
    body: string,
    files: readonly Artifact[],
    idempotency?: { readonly keyDigest: string; readonly request: EarlierRequest },
  ): Promise<EarlierRequest | undefined>;
  /** PENDING → QUEUED, after the queue has it. */
  markQueued(taskId: string): Promise<void>;
  list(limit: number, before?: string): Promise<readonly Task[]>;
  /** Ends a task that has no run. @returns false when it has begun or ended meanwhile */
  cancelUnstarted(taskId: string, at: string): Promise<boolean>;
  /** Asks the run to stop. */
  requestCancel(task: Task, by: string, at: string): Promise<void>;
  /** Dead-lettered → PENDING with its retries renewed. @returns false when it is not dead-lettered */
  reopen(taskId: string, dueAt: string): Promise<boolean>;
  artifacts(taskId: string): Promise<readonly Artifact[]>;
}

/** Whether a run could begin. */
export type Admission =
  | { readonly kind: 'admitted' }
  /** Another delivery began it: its run. */
  | { readonly kind: 'begun'; readonly task: Task }
  | { readonly kind: 'over' }
  /** The tenant runs as many as it may; the task waits in line. */
  | { readonly kind: 'full' };

/** Lets runs begin, as many at once as the tenant may have. */
export interface AdmissionStore {
  task(taskId: string): Promise<Task | undefined>;
  limits(): Promise<{ readonly concurrent_runs: number; readonly policy_version: number }>;
  run(runId: string): Promise<Run | undefined>;
  /** Takes a place and stores the run with its first record, in one transaction. */
  admit(task: Task, run: Run, record: object, limit: number): Promise<Admission>;
  /** Puts a task in the line of those that wait for a place. */
  park(task: Task): Promise<void>;
  /** True when there is a place now. */
  hasPlace(limit: number): Promise<boolean>;
}
