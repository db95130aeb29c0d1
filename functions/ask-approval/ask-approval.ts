import { usdOf } from '#shared/domain/budget/budget.ts';
import type { Approval } from '#shared/domain/approval/approval.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { ApprovalStore } from '#shared/ports/approval-store.ts';
import type { TokenSeal } from '#shared/ports/callback-token.ts';
import { isoTime, type Clock } from '#shared/ports/clock.ts';
import type { RunLedger } from '#shared/ports/run-ledger.ts';
import type { Input, Output } from './contract.ts';

export interface AskApprovalDeps {
  readonly approvals: ApprovalStore;
  readonly ledger: Pick<RunLedger, 'load' | 'action'>;
  readonly seal: TokenSeal;
  /** Answers a callback that needs not be stored, because the answer is there already. */
  readonly answerNow: (token: string, output: unknown) => Promise<boolean>;
  readonly now: Clock;
}

/** An expiry that the state machine's own timeout did not record is recorded by `sweep` after this. */
const EXPIRY_GRACE_MS = 60_000;

/** Stores a question and the callback that waits for its answer; or records that time ran out. */
export async function askApproval(input: Input, deps: AskApprovalDeps): Promise<Output> {
  const approvalId = input.action.approval_id;
  if (approvalId === null) throw new AppError('approval.not_found', 'The action has no approval.');
  if (input.op === 'expire') {
    // Whoever was first wins: a grant in the same instant stays a grant, and the run follows it.
    const decision = {
      answer: 'expired' as const,
      by: null,
      at: isoTime(deps.now()),
      comment: null,
    };
    await deps.approvals.decide(approvalId, decision, null);
    return { approval_id: approvalId };
  }
  const { run, action: ticket } = input;
  const approval = await question(input, approvalId, deps);
  const sealed = await deps.seal.seal(input.callback_token, run.tenant, run.run_id);
  const wait = {
    turn: ticket.turn,
    index: ticket.index,
    kind: 'approval' as const,
    approvalId,
    sealedToken: sealed,
  };
  const dueAt = isoTime(Date.parse(approval.expires_at) + EXPIRY_GRACE_MS);
  const now = await deps.approvals.ask(approval, wait, dueAt);
  if (now.status !== 'pending') {
    await deps.answerNow(input.callback_token, { approval_id: approvalId });
  }
  return { approval_id: approvalId };
}

async function question(
  input: Input,
  approvalId: string,
  deps: AskApprovalDeps,
): Promise<Approval> {
  const { run, action: ticket } = input;
  const [stored, action] = await Promise.all([
    deps.ledger.load(),
    deps.ledger.action(ticket.turn, ticket.index),
  ]);
  if (!stored || !action?.preview) throw new AppError('run.not_found', 'The action is not stored.');
  const now = deps.now();
  return {
    v: 1,
    approval_id: approvalId,
    tenant: run.tenant,
    kind: action.approval_kind ?? 'action',
    status: 'pending',
    task_id: run.task_id,
    run_id: run.run_id,
    turn: ticket.turn,
    index: ticket.index,
    pass: ticket.pass,
    tool: action.tool,
    call_hash: action.call_hash,
    input: action.input ?? {},
    preview: action.preview,
    risk: action.risk,
    reasons: action.reasons,
    requested_by: stored.submitted_by,
    requested_at: isoTime(now),
    expires_at: isoTime(now + ticket.timeout_seconds * 1000),
    cost_so_far_usd: usdOf(stored.budget.spent),
    decided_by: null,
    decided_at: null,
    comment: null,
  };
}
