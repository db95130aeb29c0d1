import * as z from 'zod/mini';
import { ActionOutcome, Cursor, Judgement, RunRef } from '#shared/domain/run/run.ts';

export const Input = z.object({ run: RunRef, cursor: Cursor, outcomes: z.array(ActionOutcome) });
export type Input = z.infer<typeof Input>;

export const Output = Judgement;
export type Output = Judgement;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  PERMIT_KEY_ID: z.string(),
  STAGE: z.string(),
});
