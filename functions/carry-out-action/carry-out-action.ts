import { setTimeout as sleep } from 'node:timers/promises';
import {
  INLINE_OBSERVATION_BYTES,
  type Action,
  type Observation,
} from '#shared/domain/action/action.ts';
import type { Artifact } from '#shared/domain/artifact/artifact.ts';
import { canonicalJson, sha256 } from '#shared/domain/canonical/canonical.ts';
import { reentry, type Effect, type EffectName } from '#shared/domain/effect/effect.ts';
import type { PermittedAction } from '#shared/domain/permit/permit.ts';
import type { ActionOutcome } from '#shared/domain/run/run.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { isoTime, type Clock } from '#shared/ports/clock.ts';
import type { EffectLedger } from '#shared/ports/effect-ledger.ts';
import type { ObservationStore } from '#shared/ports/observation-store.ts';
import type { PermitVerifier } from '#shared/ports/permits.ts';
import type { RunLedger } from '#shared/ports/run-ledger.ts';
import { checkPermit } from '#shared/tools/check-permit.ts';
import type { ToolContext, ToolResult } from '#shared/tools/define-tool.ts';
import type { AnyTool } from '#shared/tools/index.ts';
import type { Input } from './contract.ts';

export interface CarryOutActionDeps {
  readonly ledger: Pick<RunLedger, 'action' | 'recordOutcome'>;
  readonly effects: EffectLedger;
  readonly observations: ObservationStore;
  readonly verifier: PermitVerifier;
  readonly stage: string;
  readonly tools: Omit<ToolContext, 'effect' | 'runId'>;
  readonly now: Clock;
}

/** How long a retry waits for the evidence that a mail left (its send event), and how often it looks. */
const EVIDENCE_WAIT_MS = 20_000;
const EVIDENCE_POLL_MS = 500;

interface Job {
  readonly input: Input;
  readonly action: Action;
  readonly tool: AnyTool;
  readonly permitted: PermittedAction;
  readonly effect: EffectName;
}

/**
 * Carries out one permitted action: the intent is written before the world is touched, the outcome
 * after. May be called again after a crash at any point; then it finds out what happened instead of
 * doing it twice.
 *
 * @throws AppError `permit.invalid` or `permit.expired`
 */
export async function carryOutAction(
  input: Input,
  deps: CarryOutActionDeps,
): Promise<ActionOutcome> {
  const { run, action: ticket } = input;
  const action = await deps.ledger.action(ticket.turn, ticket.index);
  if (!action) throw new AppError('permit.invalid', 'The permitted action is not stored.');
  if (action.status === 'DONE' || action.status === 'FAILED') return outcomeOf(action);
  const { tool, permitted } = await checkPermit(input, action, {
    verifier: deps.verifier,
    stage: deps.stage,
    now: deps.now(),
    executor: 'function',
    findArtifact: (name: string): Promise<Artifact | undefined> => deps.tools.artifacts.find(name),
  });
  const effect: EffectName = { ...permitted, tenant: run.tenant, task_id: run.task_id };
  const job: Job = { input, action, tool, permitted, effect };
  if (tool.effect === 'none' || tool.effect === 'reads') {
    return record(job, await execute(job, deps), deps);
  }
  return withEffect(job, deps);
}

async function withEffect(job: Job, deps: CarryOutActionDeps): Promise<ActionOutcome> {
  const { tool, effect, permitted } = job;
  const there = await deps.effects.prepare(intent(job, deps.now()));
  switch (there ? reentry(there.status, tool.delivery, permitted.again) : 'carry_out') {
    case 'reuse':
      return reuse(job, there, deps);
    case 'look_up':
      return lookUp(job, deps);
    case 'give_up':
      return unknown(job, deps);
    case 'carry_out':
      break;
  }
  if (
    tool.delivery !== 'idempotent' &&
    !(await deps.effects.markSent(effect, job.input.run.run_id))
  ) {
    return lookUp(job, deps);
  }
  const result = await execute(job, deps);
  const at = isoTime(deps.now());
  if (result.kind === 'failed') await deps.effects.markFailed(effect, result.message, at);
  else await deps.effects.markDone(effect, JSON.stringify(result.output), at, permitted.reserved);
  return record(job, result, deps);
}

const execute = async (
  { tool, action, effect, input }: Job,
  deps: CarryOutActionDeps,
): Promise<ToolResult> => {
  if (!tool.execute)
    throw new AppError('permit.invalid', `${tool.name} does not run in a function.`);
  return tool.execute(action.input, { ...deps.tools, effect, runId: input.run.run_id });
};

const intent = ({ input, action, effect, tool }: Job, now: number): Effect => ({
  v: 1,
  tenant: effect.tenant,
  task_id: effect.task_id,
  effect_key: effect.effect_key,
  occurrence: effect.occurrence,
  tool: tool.name,
  status: 'PREPARED',
  run_id: input.run.run_id,
  turn: action.turn,
  index: action.index,
  prepared_at: isoTime(now),
  ended_at: null,
  output: null,
  cost_micros: 0,
});

/** An earlier call did it: its output is the observation, and nothing is done again. */
function reuse(
  job: Job,
  effect: Effect | undefined,
  deps: CarryOutActionDeps,
): Promise<ActionOutcome> {
  const output = JSON.parse(effect?.output ?? 'null') as unknown;
  return record(job, { kind: 'done', output, summary: 'done before, not repeated' }, deps);
}

/** The call went out and its answer was lost: waits for evidence that it arrived. */
async function lookUp(job: Job, deps: CarryOutActionDeps): Promise<ActionOutcome> {
  const until = deps.now() + EVIDENCE_WAIT_MS;
  do {
    const effect = await deps.effects.find(job.effect);
    if (effect?.status === 'DONE') return reuse(job, effect, deps);
    await sleep(EVIDENCE_POLL_MS);
  } while (deps.now() < until);
  await deps.effects.markUnknown(job.effect, isoTime(deps.now()));
  return unknown(job, deps);
}

/** No evidence either way: a person must say. */
async function unknown(job: Job, deps: CarryOutActionDeps): Promise<ActionOutcome> {
  await save(
    job,
    'UNKNOWN',
    { status: 'unknown' },
    'not known whether it happened',
    job.permitted.reserved,
    deps,
  );
  return {
    index: job.action.index,
    status: 'unknown',
    error: 'effect.unknown',
    cost_micros: job.permitted.reserved,
  };
}

async function record(
  job: Job,
  result: ToolResult,
  deps: CarryOutActionDeps,
): Promise<ActionOutcome> {
  const done = result.kind === 'done';
  const cost = done ? job.permitted.reserved : 0;
  const observation: Observation = done
    ? { status: 'done', output: result.output }
    : { status: 'failed', error: { code: result.code, message: result.message } };
  const summary = done ? result.summary : result.message;
  const digest = await save(job, done ? 'DONE' : 'FAILED', observation, summary, cost, deps);
  return {
    index: job.action.index,
    status: done ? 'done' : 'failed',
    error: done ? null : result.code,
    digest,
    cost_micros: cost,
  };
}

async function save(
  { input, action }: Job,
  status: 'DONE' | 'FAILED' | 'UNKNOWN',
  observation: Observation,
  summary: string,
  cost: number,
  { ledger, observations, now }: CarryOutActionDeps,
): Promise<string> {
  const json = canonicalJson(observation);
  const digest = sha256(json);
  const inline = Buffer.byteLength(json) <= INLINE_OBSERVATION_BYTES;
  if (!inline) await observations.put(input.run.run_id, digest, json);
  await ledger.recordOutcome(action.turn, action.index, {
    status,
    ended_at: isoTime(now()),
    cost_micros: cost,
    observation: inline ? json : null,
    observation_digest: digest,
    summary: summary.slice(0, 200),
  });
  return digest;
}

const outcomeOf = (action: Action): ActionOutcome => ({
  index: action.index,
  status: action.status === 'DONE' ? 'done' : 'failed',
  error: errorOf(action),
  digest: action.observation_digest,
  cost_micros: action.cost_micros,
});

function errorOf({ observation }: Action): string | null {
  const { error } = JSON.parse(observation ?? '{}') as { error?: { code: string } };
  return error?.code ?? null;
}
