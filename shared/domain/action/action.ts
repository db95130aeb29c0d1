import * as z from 'zod/mini';
import { Preview } from '../approval/approval.ts';
import { Executor } from '../run/run.ts';

/**
 * One action of a run as stored: what was chosen, how it was judged, how it ended. The run's writer
 * makes it; the executor that holds the permit adds the outcome.
 */
export const Action = z.object({
  v: z.literal(1),
  turn: z.int(),
  index: z.int(),
  tool: z.string(),
  tool_version: z.string(),
  input: z.nullable(z.record(z.string(), z.unknown())),
  call_hash: z.string(),
  effect_key: z.string(),
  occurrence: z.int(),
  executor: Executor,
  verdict: z.enum(['allow', 'ask', 'deny', 'invalid']),
  risk: z.enum(['low', 'medium', 'high']),
  reasons: z.array(z.string()),
  rules: z.array(z.string()),
  status: z.enum([
    'ALLOWED',
    'ASKED',
    'DENIED',
    'REFUSED',
    'EXPIRED',
    'INVALID',
    'DONE',
    'FAILED',
    'UNKNOWN',
    'CANCELLED',
  ]),
  approval_id: z.nullable(z.string()),
  approval_kind: z.nullable(z.enum(['action', 'effect', 'question'])),
  /** Exactly what would happen; kept for actions that ask. */
  preview: z.nullable(Preview),
  timeout_seconds: z.int(),
  policy_version: z.int(),
  reserved: z.int(),
  judged_at: z.string(),
  ended_at: z.nullable(z.string()),
  cost_micros: z.int(),
  /** JSON of the observation when it is small, else null. */
  observation: z.nullable(z.string()),
  /** SHA-256 of the observation, which names it in the observation store when it is not inline. */
  observation_digest: z.nullable(z.string()),
  /** One line for a person. */
  summary: z.string(),
});
export type Action = z.infer<typeof Action>;

/** What an action gave back, as shown to the model. */
export const Observation = z.object({
  status: z.enum(['done', 'failed', 'denied', 'refused', 'expired', 'unknown', 'invalid']),
  output: z.optional(z.unknown()),
  error: z.optional(z.object({ code: z.string(), message: z.string() })),
  reason: z.optional(z.string()),
});
export type Observation = z.infer<typeof Observation>;

/** Bytes of JSON up to which an observation lives in the action itself. */
export const INLINE_OBSERVATION_BYTES = 8192;
