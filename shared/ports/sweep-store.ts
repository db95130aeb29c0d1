/** Something in the sparse index of what is due. */
export interface DueItem {
  readonly kind: 'task' | 'waiting' | 'approval' | 'run';
  readonly tenant: string;
  readonly id: string;
}

/** What the sweeper can look at and finish. Everything it does may be done twice. */
export interface SweepStore {
  /** The items due by a time, oldest first. */
  due(by: string, limit: number): Promise<readonly DueItem[]>;
  /** Sends a task to the queue, or to the dead-letter queue, as its stored status asks for. */
  resendTask(tenant: string, taskId: string): Promise<void>;
  /** Queues a task again that waits for a place. */
  offerPlace(tenant: string, taskId: string): Promise<void>;
  /** Wakes the run of an answered approval; expires one whose time is over. */
  wakeApproval(tenant: string, approvalId: string): Promise<void>;
  /** Looks whether a run's execution still lives, and has the run closed when it does not. */
  checkRun(tenant: string, runId: string): Promise<void>;
}
