import type { Approval } from '../domain/approval/approval.ts';
import type { OpenWait } from './callback-token.ts';

export interface Decision {
  readonly answer: 'granted' | 'refused' | 'expired' | 'cancelled';
  readonly by: string | null;
  readonly at: string;
  readonly comment: string | null;
}

/** A tenant's approvals. The stored record decides; a callback only wakes the run. */
export interface ApprovalStore {
  find(approvalId: string): Promise<Approval | undefined>;
  list(limit: number, before?: string): Promise<readonly Approval[]>;
  /**
   * Stores a question with the callback that waits for it. A question that is there already keeps
   * its answer and takes the new callback.
   *
   * @returns the approval as it stands now
   */
  ask(approval: Approval, wait: OpenWait, dueAt: string): Promise<Approval>;
  /** pending → an answer. @returns the approval as it stands now, and whether this call decided it */
  decide(
    approvalId: string,
    decision: Decision,
    dueAt: string | null,
  ): Promise<{ readonly decided: boolean; readonly approval: Approval | undefined }>;
  wait(runId: string, turn: number, index: number): Promise<OpenWait | undefined>;
  /** Takes the approval from the list of what `sweep` must look at. */
  markWoken(approvalId: string): Promise<void>;
}
