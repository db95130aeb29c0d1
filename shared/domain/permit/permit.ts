import * as z from 'zod/mini';
import { digestOf } from '../canonical/canonical.ts';
import { Executor } from '../run/run.ts';

/** A call with everything that an approval or a permit is bound to. */
export interface CanonicalCall {
  readonly tool: string;
  readonly tool_version: string;
  /** Normalised by the tool's schema, defaults filled in. */
  readonly input: unknown;
  /** The artifacts that the input names, with what they hold now. */
  readonly artifacts: readonly { readonly name: string; readonly sha256: string }[];
  /** Account, host or address that the call reaches; null for none. */
  readonly destination: string | null;
  readonly tenant: string;
  readonly task_id: string;
  readonly run_id: string;
  readonly turn: number;
  readonly index: number;
  readonly policy_version: number;
}

/** SHA-256 to which approvals and permits are bound. */
export const callHash = (call: CanonicalCall): string => digestOf(call);

/** Names an effect across the runs of a task: the call without run, turn, index and policy. */
export const effectKey = (call: CanonicalCall): string =>
  digestOf({
    tool: call.tool,
    tool_version: call.tool_version,
    input: call.input,
    artifacts: call.artifacts,
    destination: call.destination,
    tenant: call.tenant,
    task_id: call.task_id,
  });

export const PermittedAction = z.object({
  index: z.int(),
  tool: z.string(),
  tool_version: z.string(),
  call_hash: z.string(),
  effect_key: z.string(),
  occurrence: z.int(),
  executor: Executor,
  approval_id: z.nullable(z.string()),
  reserved: z.int(),
  policy_version: z.int(),
  /** True when a person said that an UNKNOWN effect may be carried out once more. */
  again: z.boolean(),
});
export type PermittedAction = z.infer<typeof PermittedAction>;

/** The signed leave to carry out the actions of one turn once. */
export const Permit = z.object({
  v: z.literal(1),
  stage: z.string(),
  tenant: z.string(),
  task_id: z.string(),
  run_id: z.string(),
  generation: z.int(),
  turn: z.int(),
  pass: z.int(),
  expires_at: z.string(),
  actions: z.array(PermittedAction),
});
export type Permit = z.infer<typeof Permit>;

/** How long a permit may be claimed: retries of the state machine included. */
export const PERMIT_SECONDS = 900;
