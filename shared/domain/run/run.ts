import * as z from 'zod/mini';
import { RunId, TaskId, TenantId } from '../id/id.ts';
import { Budget } from '../budget/budget.ts';

export const RUN_STATUSES = ['RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export const RunStatus = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof RunStatus>;

export const isRunOver = (status: RunStatus): boolean =>
  status !== 'RUNNING' && status !== 'WAITING';

/** What travels through the state machine to name a run. */
export const RunRef = z.object({
  tenant: TenantId,
  task_id: TaskId,
  run_id: RunId,
  generation: z.int(),
  attempt: z.int(),
  trace_id: z.string(),
  mode: z.enum(['words', 'workflow']),
  /** SHA-256 of the task's body, which is immutable and may be cached by it. */
  body_digest: z.string(),
  limits: z.object({ steps: z.int(), tokens: z.int() }),
  approval_timeout_seconds: z.int(),
});
export type RunRef = z.infer<typeof RunRef>;

export const Executor = z.enum(['function', 'sandbox', 'person']);
export type Executor = z.infer<typeof Executor>;

/** An action that was judged and has no recorded outcome yet. */
export const OpenAction = z.object({
  index: z.int(),
  tool: z.string(),
  tool_version: z.string(),
  call_hash: z.string(),
  effect_key: z.string(),
  occurrence: z.int(),
  reserved: z.int(),
  verdict: z.enum(['allow', 'ask']),
  approval_id: z.nullable(z.string()),
});
export type OpenAction = z.infer<typeof OpenAction>;

/**
 * Where a run stands: handed from one writer to the next through the state machine, so that no
 * writer needs to read before it writes. The store holds the same; the store wins.
 */
export const Cursor = z.object({
  turn: z.int(),
  pass: z.int(),
  /** Sequence of the next decision record. */
  seq: z.int(),
  /** Hash of the newest decision record. */
  head: z.string(),
  /** The policy version that the last verdict was made with. */
  policy: z.int(),
  /** Actions begun so far. */
  steps: z.int(),
  tokens: z.int(),
  open: z.array(OpenAction),
});
export type Cursor = z.infer<typeof Cursor>;

/** How an action ended, in as much as the state machine needs to know. */
export const ActionOutcome = z.object({
  index: z.int(),
  status: z.enum(['done', 'failed', 'unknown', 'crashed']),
  /** A dotted error code, or the error's name when the executor died. */
  error: z.optional(z.nullable(z.string())),
  /** SHA-256 of the observation. */
  digest: z.optional(z.nullable(z.string())),
  cost_micros: z.optional(z.int()),
});
export type ActionOutcome = z.infer<typeof ActionOutcome>;

/** How a run ended. */
export const RunOutcome = z.object({
  status: z.enum(['COMPLETED', 'FAILED', 'CANCELLED']),
  code: z.nullable(z.string()),
  message: z.string(),
  answer: z.nullable(z.string()),
});
export type RunOutcome = z.infer<typeof RunOutcome>;

/** What a writer tells the state machine to do next. */
export const NEXT = [
  'step',
  'act',
  'act_many',
  'sandbox',
  'ask',
  'choose',
  'judge',
  'finish',
] as const;

/** An action as the state machine hands it to an executor or to a person. */
export const ActionTicket = z.object({
  turn: z.int(),
  pass: z.int(),
  index: z.int(),
  tool: z.string(),
  executor: Executor,
  approval_id: z.nullable(z.string()),
  timeout_seconds: z.int(),
});
export type ActionTicket = z.infer<typeof ActionTicket>;

export const SignedPermit = z.object({
  permit: z.string(),
  signature: z.string(),
  key_id: z.string(),
});
export type SignedPermit = z.infer<typeof SignedPermit>;

/** The answer of `judge-actions` (and, with `next` always `judge`, of `choose-actions`). */
export const Judgement = z.object({
  next: z.enum(NEXT),
  then: z.enum(NEXT),
  cursor: Cursor,
  actions: z.array(ActionTicket),
  permit: z.nullable(SignedPermit),
  /** Outcomes that stay open for a later pass; empty once they are recorded. */
  outcomes: z.array(ActionOutcome),
});
export type Judgement = z.infer<typeof Judgement>;

/** The stored run. */
export const Run = z.object({
  v: z.literal(1),
  ref: RunRef,
  status: RunStatus,
  cursor: Cursor,
  budget: Budget,
  started_at: z.string(),
  ended_at: z.nullable(z.string()),
  cancel_requested_at: z.nullable(z.string()),
  cancel_requested_by: z.nullable(z.string()),
  submitted_by: z.string(),
  waiting_for: z.array(z.string()),
  outcome: z.nullable(RunOutcome),
  /** Sequence that the last commit consumed, and the answer that it gave. */
  last_seq: z.int(),
  last_output: z.nullable(z.string()),
  settled_at: z.nullable(z.string()),
});
export type Run = z.infer<typeof Run>;
