import * as z from 'zod/mini';
import { ActionTicket, RunRef, SignedPermit } from '#shared/domain/run/run.ts';

export const Input = z.object({
  run: RunRef,
  action: ActionTicket,
  permit: SignedPermit,
  callback_token: z.string(),
});
export type Input = z.infer<typeof Input>;

export const Output = z.object({ job_id: z.string() });
export type Output = z.infer<typeof Output>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  MAILBOX_BUCKET: z.string(),
  PERMIT_KEY_ID: z.string(),
  TOKEN_KEY_ID: z.string(),
  STAGE: z.string(),
  SANDBOX_CLUSTER: z.string(),
  SANDBOX_TASK_DEFINITION: z.string(),
  /** Subnet ids, separated by commas. */
  SANDBOX_SUBNETS: z.string(),
  SANDBOX_SECURITY_GROUP: z.string(),
});
