import type { Action } from '#shared/domain/action/action.ts';
import type { Approval } from '#shared/domain/approval/approval.ts';
import { canonicalJson, sha256 } from '#shared/domain/canonical/canonical.ts';
import { actionOf, type LedgerEntry } from '#shared/domain/run/ledger-entry.ts';
import type { ActionOutcome, OpenAction } from '#shared/domain/run/run.ts';
import { isErrorCode } from '#shared/errors/error-codes.ts';
import type { CurrentPolicy } from '#shared/ports/policy-source.ts';
import { toolNamed } from '#shared/tools/index.ts';
import type { Input } from './contract.ts';
import type { JudgeActionsDeps } from './deps.ts';
import { judgeCall } from './judge-call.ts';

/** An action that is over, in as much as what comes next depends on it. */
export interface EndedAction {
  readonly index: number;
  readonly status: 'done' | 'failed' | 'denied' | 'refused' | 'expired';
  readonly code: string | null;
  readonly message: string;
}

/** What has become of the actions that were open. */
export interface Weighed {
  readonly ended: readonly EndedAction[];
  /** Questions that are not answered, or not asked yet. */
  readonly toAsk: readonly OpenAction[];
  /** Actions that a person granted and the policy does not deny. */
  readonly granted: readonly {
    readonly open: OpenAction;
    readonly action: Action;
    readonly again: boolean;
  }[];
}

interface Draft {
  ended: EndedAction[];
  toAsk: OpenAction[];
  granted: { open: OpenAction; action: Action; again: boolean }[];
}

/** Looks at each open action: its outcome, or the answer to its question. */
export async function weighOpen(
  input: Input,
  entry: LedgerEntry,
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
): Promise<Weighed> {
  const draft: Draft = { ended: [], toAsk: [], granted: [] };
  for (const open of input.cursor.open) {
    const outcome = input.outcomes.find(({ index }) => index === open.index);
    if (open.verdict === 'ask' && !outcome)
      await weighAnswer(input, entry, policy, deps, open, draft);
    else {
      const fate = outcome ?? { index: open.index, status: 'crashed' as const };
      await weighOutcome(input, entry, deps, open, fate, draft);
    }
  }
  return draft;
}

async function weighOutcome(
  input: Input,
  entry: LedgerEntry,
  deps: JudgeActionsDeps,
  open: OpenAction,
  outcome: ActionOutcome,
  draft: Draft,
): Promise<void> {
  const tool = toolNamed(open.tool);
  const hasEffect = tool !== undefined && (tool.effect === 'writes' || tool.effect === 'external');
  const fate =
    outcome.status === 'crashed' ? await fateOfCrashed(input, deps, open) : outcome.status;
  entry.observe(open, { ...outcome, status: fate }, hasEffect);
  if (fate === 'unknown') {
    draft.toAsk.push(await askAboutEffect(input, entry, deps, open));
    return;
  }
  if (outcome.status === 'crashed') {
    await writeFate(input, entry, deps, open, fate);
  }
  const code = fate === 'failed' ? codeOf(outcome) : null;
  draft.ended.push({
    index: open.index,
    status: fate,
    code,
    message: fate === 'failed' ? `${open.tool} failed (${code}).` : `${open.tool} is done.`,
  });
}

const codeOf = ({ status, error }: ActionOutcome): string => {
  if (status === 'crashed') return 'tool.crashed';
  return error && isErrorCode(error) ? error : 'tool.failed';
};

/** An executor died: the effect's record tells whether anything may have reached the world. */
async function fateOfCrashed(
  input: Input,
  { effects }: JudgeActionsDeps,
  open: OpenAction,
): Promise<'done' | 'failed' | 'unknown'> {
  const tool = toolNamed(open.tool);
  if (!tool || tool.effect === 'none' || tool.effect === 'reads') return 'failed';
  const effect = await effects.find({
    ...open,
    tenant: input.run.tenant,
    task_id: input.run.task_id,
  });
  if (effect?.status === 'DONE') return 'done';
  const inDoubt = effect?.status === 'SENT' || effect?.status === 'UNKNOWN';
  return inDoubt && tool.delivery !== 'idempotent' ? 'unknown' : 'failed';
}

async function writeFate(
  input: Input,
  entry: LedgerEntry,
  deps: JudgeActionsDeps,
  open: OpenAction,
  fate: 'done' | 'failed',
): Promise<void> {
  const action = await deps.ledger.action(input.cursor.turn, open.index);
  if (!action || action.status === 'DONE' || action.status === 'FAILED') return;
  entry.write({
    ...action,
    status: fate === 'done' ? 'DONE' : 'FAILED',
    ended_at: entry.at,
    cost_micros: open.reserved,
    ...observed({
      status: fate,
      ...(fate === 'failed'
        ? { error: { code: 'tool.crashed', message: 'The executor died before it could answer.' } }
        : {}),
    }),
  });
}

async function askAboutEffect(
  input: Input,
  entry: LedgerEntry,
  deps: JudgeActionsDeps,
  open: OpenAction,
): Promise<OpenAction> {
  const action = await deps.ledger.action(input.cursor.turn, open.index);
  const approvalId = deps.nextId('apr');
  if (action) {
    const tool = toolNamed(action.tool);
    entry.write({
      ...action,
      status: 'ASKED',
      approval_id: approvalId,
      approval_kind: 'effect',
      reasons: [
        'it is not known whether this happened: grant to do it once more, refuse to leave it',
      ],
      preview: action.preview ?? tool?.preview(action.input ?? {}, []) ?? null,
    });
  }
  return { ...open, verdict: 'ask', approval_id: approvalId, reserved: 0 };
}

async function weighAnswer(
  input: Input,
  entry: LedgerEntry,
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
  open: OpenAction,
  draft: Draft,
): Promise<void> {
  const approval =
    open.approval_id === null ? undefined : await deps.findApproval(open.approval_id);
  if (!approval || approval.status === 'pending') {
    draft.toAsk.push(open);
    return;
  }
  entry.record({
    kind: 'answered',
    principal: approval.decided_by ?? 'system',
    action: actionOf(open),
    facts: { approval_id: approval.approval_id, kind: approval.kind, answer: approval.status },
  });
  const action = await deps.ledger.action(input.cursor.turn, open.index);
  if (!action) throw new Error('an open action is not stored');
  if (approval.status === 'granted') {
    await weighGrant(input, entry, policy, deps, open, action, approval, draft);
  } else {
    refuse(entry, open, action, approval, draft);
  }
}

function refuse(
  entry: LedgerEntry,
  open: OpenAction,
  action: Action,
  approval: Approval,
  draft: Draft,
): void {
  const status = approval.status === 'expired' ? 'expired' : 'refused';
  const who = approval.decided_by ?? 'nobody';
  const message =
    status === 'expired'
      ? 'Nobody answered in time.'
      : `Action blocked by policy: ${who} refused it${approval.comment ? ` (“${approval.comment}”)` : ''}.`;
  entry.write({
    ...action,
    status: status === 'expired' ? 'EXPIRED' : 'REFUSED',
    ended_at: entry.at,
    ...observed({ status, reason: message }),
  });
  draft.ended.push({ index: open.index, status, code: `approval.${status}`, message });
}

async function weighGrant(
  input: Input,
  entry: LedgerEntry,
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
  open: OpenAction,
  action: Action,
  approval: Approval,
  draft: Draft,
): Promise<void> {
  if (approval.kind === 'question') {
    const output = { answer: approval.comment ?? '', answered_by: approval.decided_by };
    entry.write({
      ...action,
      status: 'DONE',
      ended_at: entry.at,
      ...observed({ status: 'done', output }),
      summary: (approval.comment ?? '').slice(0, 80),
    });
    draft.ended.push({ index: open.index, status: 'done', code: null, message: 'answered' });
    return;
  }
  const proposed = {
    turn: action.turn,
    index: action.index,
    tool: action.tool,
    input: action.input,
  };
  const again = await judgeCall(input.run, proposed, policy, deps.findArtifact);
  const denied = again.kind === 'invalid' || again.verdict.verdict === 'deny';
  if (denied) {
    const message = again.kind === 'invalid' ? again.message : again.verdict.reasons.join('; ');
    entry.write({
      ...action,
      status: 'DENIED',
      ended_at: entry.at,
      ...observed({ status: 'denied', reason: `Action blocked by policy: ${message}` }),
    });
    draft.ended.push({ index: open.index, status: 'denied', code: 'policy.denied', message });
    return;
  }
  if (again.callHash === approval.call_hash) {
    draft.granted.push({ open, action, again: approval.kind === 'effect' });
    return;
  }
  // What was approved is not what would happen now: the policy or a file has changed since.
  const approvalId = deps.nextId('apr');
  entry.write({
    ...action,
    approval_id: approvalId,
    call_hash: again.callHash,
    effect_key: again.effectKey,
    policy_version: policy.version,
    reasons: ['the policy or a file that it names has changed since the approval'],
    preview: again.tool.preview(again.input, again.artifacts),
  });
  draft.toAsk.push({
    ...open,
    approval_id: approvalId,
    call_hash: again.callHash,
    effect_key: again.effectKey,
  });
}

/** An observation as an action keeps it. */
export function observed(observation: unknown): Pick<Action, 'observation' | 'observation_digest'> {
  const json = canonicalJson(observation);
  return { observation: json, observation_digest: sha256(json) };
}
