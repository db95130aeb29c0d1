import type { Action } from '#shared/domain/action/action.ts';
import { digestOf } from '#shared/domain/canonical/canonical.ts';
import type { PermittedAction } from '#shared/domain/permit/permit.ts';
import { actionOf, type LedgerEntry } from '#shared/domain/run/ledger-entry.ts';
import type { OpenAction } from '#shared/domain/run/run.ts';
import type { CurrentPolicy } from '#shared/ports/policy-source.ts';
import type { Input } from './contract.ts';
import type { JudgeActionsDeps } from './deps.ts';
import { judgeCall, type JudgedCall, type ProposedCall } from './judge-call.ts';
import { permittedOf } from './plan.ts';
import { observed } from './weigh-open.ts';

/** A newly proposed action with its verdict. */
export interface NewAction {
  readonly action: Action;
  /** Present when something is still to come: an outcome or an answer. */
  readonly open?: OpenAction;
  readonly permitted?: PermittedAction;
}

type Judged = Extract<JudgedCall, { kind: 'judged' }>;

/** Judges one proposed call and writes down the choice, the verdict and the action. */
export async function judgeNew(
  input: Input,
  entry: LedgerEntry,
  proposed: ProposedCall,
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
  before: readonly NewAction[],
): Promise<NewAction> {
  const call = await judgeCall(input.run, proposed, policy, deps.findArtifact);
  const made =
    call.kind === 'invalid'
      ? { action: invalidAction(entry, proposed, policy, call) }
      : judgedAction(entry, proposed, policy, deps, call, await occurrenceOf(call, deps, before));
  if (input.run.mode === 'workflow') {
    entry.record({
      kind: 'chosen',
      principal: 'workflow',
      action: actionOf(made.action),
      facts: { tool: proposed.tool },
      body_digest: digestOf(proposed.input),
    });
  }
  entry.record({
    kind: 'judged',
    principal: `policy:${policy.version}`,
    action: actionOf(made.action),
    facts: {
      verdict: made.action.verdict,
      risk: made.action.risk,
      reasons: made.action.reasons,
      rules: made.action.rules,
      destination: call.kind === 'judged' ? call.tool.destination(call.input) : null,
      approval_id: made.action.approval_id,
    },
    budget: { reserved: made.action.reserved, spent: 0 },
  });
  entry.write(made.action);
  return made;
}

/** The how-manieth equal call of the run this is; only effects need to know. */
async function occurrenceOf(
  call: Judged,
  { ledger }: JudgeActionsDeps,
  before: readonly NewAction[],
): Promise<number> {
  if (call.tool.effect === 'none' || call.tool.effect === 'reads') return 0;
  const earlier = [...(await ledger.actions()), ...before.map(({ action }) => action)];
  return earlier.filter(
    ({ effect_key, status }) => effect_key === call.effectKey && TAKES_PLACE.has(status),
  ).length;
}

/** An action that never reached its executor leaves its occurrence to the next equal call. */
const TAKES_PLACE: ReadonlySet<Action['status']> = new Set(['ALLOWED', 'ASKED', 'DONE', 'UNKNOWN']);

function judgedAction(
  entry: LedgerEntry,
  { turn, index }: ProposedCall,
  policy: CurrentPolicy,
  deps: JudgeActionsDeps,
  call: Judged,
  occurrence: number,
): NewAction {
  const byPerson = call.tool.runsIn === 'person';
  const verdict = byPerson && call.verdict.verdict === 'allow' ? 'ask' : call.verdict.verdict;
  const reserved = verdict === 'allow' ? call.worstCase : 0;
  const approvalId = verdict === 'ask' ? deps.nextId('apr') : null;
  const action: Action = {
    v: 1,
    turn,
    index,
    tool: call.tool.name,
    tool_version: call.tool.version,
    input: call.input,
    call_hash: call.callHash,
    effect_key: call.effectKey,
    occurrence,
    executor: call.tool.runsIn,
    verdict,
    risk: call.verdict.risk,
    reasons: byPerson ? ['the agent asks a person'] : [...call.verdict.reasons],
    rules: [...call.verdict.rules],
    status: ({ allow: 'ALLOWED', ask: 'ASKED', deny: 'DENIED' } as const)[verdict],
    approval_id: approvalId,
    approval_kind: approvalId === null ? null : byPerson ? 'question' : 'action',
    preview: approvalId === null ? null : call.tool.preview(call.input, call.artifacts),
    timeout_seconds: call.timeoutSeconds,
    policy_version: policy.version,
    reserved,
    judged_at: entry.at,
    ended_at: verdict === 'deny' ? entry.at : null,
    cost_micros: 0,
    ...(verdict === 'deny'
      ? observed({
          status: 'denied',
          reason: `Action blocked by policy: ${call.verdict.reasons.join('; ')}`,
        })
      : { observation: null, observation_digest: null }),
    summary: '',
  };
  if (verdict === 'deny') return { action };
  const open: OpenAction = {
    index,
    tool: action.tool,
    tool_version: action.tool_version,
    call_hash: action.call_hash,
    effect_key: action.effect_key,
    occurrence,
    reserved,
    verdict,
    approval_id: approvalId,
  };
  if (verdict === 'ask') return { action, open };
  entry.reserve(reserved);
  return { action, open, permitted: permittedOf(open, action.executor, policy.version, reserved) };
}

function invalidAction(
  entry: LedgerEntry,
  { turn, index, tool, input }: ProposedCall,
  policy: CurrentPolicy,
  { code, message }: Extract<JudgedCall, { kind: 'invalid' }>,
): Action {
  const digest = digestOf({ tool, input: input ?? null });
  return {
    v: 1,
    turn,
    index,
    tool: tool.slice(0, 64),
    tool_version: '',
    input: null,
    call_hash: digest,
    effect_key: digest,
    occurrence: 0,
    executor: 'function',
    verdict: 'invalid',
    risk: 'low',
    reasons: [message],
    rules: [],
    status: 'INVALID',
    approval_id: null,
    approval_kind: null,
    preview: null,
    timeout_seconds: 0,
    policy_version: policy.version,
    reserved: 0,
    judged_at: entry.at,
    ended_at: entry.at,
    cost_micros: 0,
    ...observed({ status: 'invalid', error: { code, message } }),
    summary: message.slice(0, 80),
  };
}
