import * as z from 'zod/mini';
import { digestOf } from '../canonical/canonical.ts';

/** What a record is about, in the order in which one action lives. */
export const DECISION_KINDS = [
  'started',
  'chosen',
  'judged',
  'answered',
  'effect',
  'observed',
  'finished',
] as const;

/**
 * One record of the append-only decision log. `facts` holds what a rule may look at, never raw
 * payloads; bodies are named by digest. `hash` covers everything else, `prev_hash` chains the run.
 */
export const DecisionRecord = z.object({
  schema: z.literal(1),
  decision_id: z.string(),
  tenant: z.string(),
  task_id: z.string(),
  run_id: z.string(),
  generation: z.int(),
  turn: z.int(),
  pass: z.int(),
  seq: z.int(),
  at: z.string(),
  kind: z.enum(DECISION_KINDS),
  /** Who decided: a principal's id, `model:<name>`, `policy:<version>` or `system`. */
  principal: z.string(),
  persona: z.nullable(z.string()),
  action: z.nullable(
    z.object({
      index: z.int(),
      tool: z.string(),
      tool_version: z.string(),
      call_hash: z.string(),
    }),
  ),
  facts: z.record(z.string(), z.unknown()),
  /** Money this record moved, in micro-dollars. */
  budget: z.object({ reserved: z.int(), spent: z.int() }),
  body_digest: z.nullable(z.string()),
  prev_hash: z.string(),
  hash: z.string(),
});
export type DecisionRecord = z.infer<typeof DecisionRecord>;

/** What the writer of a record says; the rest follows from its place in the chain. */
export type DecisionDraft = Pick<DecisionRecord, 'kind' | 'principal' | 'facts'> &
  Partial<Pick<DecisionRecord, 'action' | 'budget' | 'body_digest'>>;

/** Where a run's log stands: the sequence of the next record and the hash of the newest. */
export interface LogHead {
  readonly seq: number;
  readonly head: string;
}

/** The head of an empty log: bound to the run, so that a chain cannot be moved to another one. */
export const emptyLog = (tenant: string, runId: string): LogHead => ({
  seq: 0,
  head: digestOf({ tenant, run_id: runId }),
});

type Place = Pick<
  DecisionRecord,
  'tenant' | 'task_id' | 'run_id' | 'generation' | 'turn' | 'pass' | 'at'
>;

/** Puts drafts at the end of a chain. */
export function chain(
  drafts: readonly DecisionDraft[],
  place: Place,
  log: LogHead,
  nextId: () => string,
): { readonly records: DecisionRecord[]; readonly log: LogHead } {
  let { seq, head } = log;
  const records = drafts.map((draft) => {
    const unsigned = {
      schema: 1 as const,
      decision_id: nextId(),
      ...place,
      seq,
      persona: null,
      action: null,
      budget: { reserved: 0, spent: 0 },
      body_digest: null,
      ...draft,
      prev_hash: head,
    };
    const record: DecisionRecord = { ...unsigned, hash: digestOf(unsigned) };
    seq += 1;
    head = record.hash;
    return record;
  });
  return { records, log: { seq, head } };
}

/** The first record that does not follow from the one before it, or undefined when all do. */
export function firstBreak(
  records: readonly DecisionRecord[],
  log: LogHead,
): DecisionRecord | undefined {
  let { seq, head } = log;
  for (const record of records) {
    const { hash, ...unsigned } = record;
    if (record.seq !== seq || record.prev_hash !== head || digestOf(unsigned) !== hash)
      return record;
    seq += 1;
    head = hash;
  }
  return undefined;
}
