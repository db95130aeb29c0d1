import * as z from 'zod/mini';

export const EFFECT_STATUSES = ['PREPARED', 'SENT', 'DONE', 'FAILED', 'UNKNOWN'] as const;
export type EffectStatus = (typeof EFFECT_STATUSES)[number];

/**
 * How a tool's effect behaves when it is not known whether it happened: `idempotent` (the world
 * dedupes by our key), `reconcilable` (it can be looked up), `at_most_once`.
 */
export const Delivery = z.enum(['idempotent', 'reconcilable', 'at_most_once']);
export type Delivery = z.infer<typeof Delivery>;

/** The intent record of what an action does to the world. */
export const Effect = z.object({
  v: z.literal(1),
  tenant: z.string(),
  task_id: z.string(),
  effect_key: z.string(),
  occurrence: z.int(),
  tool: z.string(),
  status: z.enum(EFFECT_STATUSES),
  /** The run that holds the claim, and its turn and index. */
  run_id: z.string(),
  turn: z.int(),
  index: z.int(),
  prepared_at: z.string(),
  ended_at: z.nullable(z.string()),
  /** What the world answered, such as a message id; the observation's output. */
  output: z.nullable(z.string()),
  cost_micros: z.int(),
});
export type Effect = z.infer<typeof Effect>;

/** Names one effect. */
export interface EffectName {
  readonly tenant: string;
  readonly task_id: string;
  readonly effect_key: string;
  readonly occurrence: number;
}

/** What the next step is for an effect that is found in a status, by its delivery class. */
export function reentry(
  status: EffectStatus,
  delivery: Delivery,
  again: boolean,
): 'reuse' | 'carry_out' | 'look_up' | 'give_up' {
  switch (status) {
    case 'DONE':
      return 'reuse';
    case 'PREPARED':
    case 'FAILED':
      return 'carry_out';
    case 'UNKNOWN':
      return again ? 'carry_out' : 'give_up';
    case 'SENT':
      if (delivery === 'idempotent') return 'carry_out';
      return delivery === 'reconcilable' ? 'look_up' : 'give_up';
  }
}
