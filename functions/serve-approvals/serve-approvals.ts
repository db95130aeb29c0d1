import type { DecideApproval } from '#shared/api/approvals.ts';
import type { Approval } from '#shared/domain/approval/approval.ts';
import type { Principal } from '#shared/domain/principal/principal.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ApprovalStore } from '#shared/ports/approval-store.ts';
import type { Callbacks } from '#shared/ports/callback-token.ts';
import { isoTime, type Clock } from '#shared/ports/clock.ts';

export interface DecideDeps {
  readonly approvals: ApprovalStore;
  readonly callbacks: Callbacks;
  readonly now: Clock;
}

/** A granted approval whose run was not woken by then is looked at by `sweep`. */
const WAKE_GRACE_MS = 10_000;

export async function findApproval(
  approvalId: string,
  approvals: ApprovalStore,
): Promise<Approval> {
  const approval = await approvals.find(approvalId);
  if (!approval) throw new AppError('approval.not_found', `There is no approval ${approvalId}.`);
  return approval;
}

/**
 * Writes a person's answer, once, and wakes the run. The record decides; the wake-up may come late.
 *
 * @throws AppError `approval.not_found`, `approval.self`, `approval.decided`, `approval.expired`,
 *   `permit.invalid` when what was seen is not what would be approved
 */
export async function decideApproval(
  approvalId: string,
  who: Principal,
  answer: DecideApproval,
  deps: DecideDeps,
): Promise<Approval> {
  const { approvals, now } = deps;
  const approval = await findApproval(approvalId, approvals);
  check(approval, who, answer, now());
  const { decided, approval: after } = await approvals.decide(
    approvalId,
    {
      answer: answer.answer,
      by: who.principal,
      at: isoTime(now()),
      comment: answer.comment ?? null,
    },
    isoTime(now() + WAKE_GRACE_MS),
  );
  const stands = after ?? approval;
  if (!decided) throw alreadyDecided(stands);
  await wake(stands, deps);
  return stands;
}

function check(approval: Approval, who: Principal, answer: DecideApproval, now: number): void {
  // A question put to a person is answered by whoever was asked, the requester too.
  if (approval.requested_by === who.principal && approval.kind !== 'question') {
    throw new AppError('approval.self', 'You asked for this; somebody else must decide.');
  }
  if (approval.status !== 'pending') throw alreadyDecided(approval);
  if (Date.parse(approval.expires_at) <= now) {
    throw new AppError('approval.expired', `The time to answer ended at ${approval.expires_at}.`);
  }
  if (answer.call_hash !== undefined && answer.call_hash !== approval.call_hash) {
    throw new AppError('permit.invalid', 'The call differs from the one that you saw.');
  }
}

const alreadyDecided = (approval: Approval): AppError =>
  new AppError('approval.decided', `The approval is ${approval.status} already.`);

async function wake(approval: Approval, { approvals, callbacks }: DecideDeps): Promise<void> {
  const wait = await approvals.wait(approval.run_id, approval.turn, approval.index);
  if (!wait) return;
  await callbacks.succeed(wait.sealedToken, approval.tenant, approval.run_id, {
    approval_id: approval.approval_id,
  });
  await approvals.markWoken(approval.approval_id);
}
