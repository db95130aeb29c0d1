import * as z from 'zod/mini';
import { ApprovalView } from '../domain/approval/approval.ts';

export { ApprovalStatus, ApprovalView, Preview } from '../domain/approval/approval.ts';

export const ApprovalList = z.object({
  items: z.array(ApprovalView),
  next: z.nullable(z.string()),
});

/** Body of `POST /v1/approvals/{approval_id}/decide`. */
export const DecideApproval = z.strictObject({
  answer: z.enum(['granted', 'refused']),
  /** For a question: the person's words. Else a remark for the record. */
  comment: z.optional(z.string().check(z.maxLength(2000))),
  /** When given, must equal the approval's call hash: what was seen is what is approved. */
  call_hash: z.optional(z.string()),
});
export type DecideApproval = z.infer<typeof DecideApproval>;
