import type { DecisionRecord } from '../domain/decision/decision.ts';
import type { Run, RunOutcome } from '../domain/run/run.ts';
import type { Task, TaskStatus } from '../domain/task/task.ts';
import type { OpenWait } from './callback-token.ts';

/** The task's end, or its way to the next run. */
export interface TaskFate {
  readonly status: Extract<TaskStatus, 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'RETRYING'>;
  readonly endedAt: string | null;
  readonly deadLetterReason: string | null;
  /** When `sweep` must send again what should be sent now; null when nothing is to be sent. */
  readonly dueAt: string | null;
}

/** What closing a run needs of the stores. */
export interface RunCloser {
  run(): Promise<Run | undefined>;
  task(): Promise<Task | undefined>;
  waits(): Promise<readonly OpenWait[]>;
  /**
   * In one transaction: the run's end and the settling of its money, the place in the semaphore, the
   * task's fate. Done once: a second call changes nothing.
   *
   * @returns false when the run was settled before
   */
  settle(
    run: Run,
    outcome: RunOutcome,
    records: readonly DecisionRecord[],
    fate: TaskFate,
    at: string,
  ): Promise<boolean>;
  cancelApproval(approvalId: string, at: string): Promise<void>;
  /** Takes the task off the list of what is due, once what it waited for has been sent. */
  markSent(): Promise<void>;
  /** The next tasks in the tenant's line. */
  nextWaiting(limit: number): Promise<readonly Pick<Task, 'task_id' | 'priority' | 'trace_id'>[]>;
}
