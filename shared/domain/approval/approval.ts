import * as z from 'zod/mini';

export const APPROVAL_STATUSES = ['pending', 'granted', 'refused', 'expired', 'cancelled'] as const;
export const ApprovalStatus = z.enum(APPROVAL_STATUSES);

/** What a tool shows a person before it acts: a headline and labelled lines, exactly what would happen. */
export const Preview = z.object({
  headline: z.string(),
  fields: z.array(z.object({ label: z.string(), value: z.string() })),
});
export type Preview = z.infer<typeof Preview>;

/** An approval as everybody who may see it sees it. */
export const ApprovalView = z.object({
  approval_id: z.string(),
  /** `action`: may this be done; `effect`: did this happen, do it again; `question`: a person's words are asked for. */
  kind: z.enum(['action', 'effect', 'question']),
  status: ApprovalStatus,
  task_id: z.string(),
  run_id: z.string(),
  turn: z.int(),
  tool: z.string(),
  /** SHA-256 to which the answer is bound. */
  call_hash: z.string(),
  input: z.record(z.string(), z.unknown()),
  preview: Preview,
  risk: z.enum(['low', 'medium', 'high']),
  reasons: z.array(z.string()),
  requested_by: z.string(),
  requested_at: z.string(),
  expires_at: z.string(),
  cost_so_far_usd: z.number(),
  decided_by: z.nullable(z.string()),
  decided_at: z.nullable(z.string()),
  comment: z.nullable(z.string()),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** The stored approval: what is shown, and what waking the run needs. */
export const Approval = z.extend(ApprovalView, {
  v: z.literal(1),
  tenant: z.string(),
  index: z.int(),
  pass: z.int(),
});
export type Approval = z.infer<typeof Approval>;
