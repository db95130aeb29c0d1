import * as z from 'zod/mini';
import { ActionOutcome, ActionTicket, RunRef, SignedPermit } from '#shared/domain/run/run.ts';

export const Input = z.object({ run: RunRef, action: ActionTicket, permit: SignedPermit });
export type Input = z.infer<typeof Input>;

export const Output = z.object({ outcome: ActionOutcome });
export type Output = z.infer<typeof Output>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  PERMIT_KEY_ID: z.string(),
  STAGE: z.string(),
  MAIL_FROM: z.string(),
  MAIL_CONFIGURATION_SET: z.string(),
  FETCH_URL_FUNCTION: z.string(),
});
