import * as z from 'zod/mini';
import { ActionOutcome, Cursor, RunRef } from '#shared/domain/run/run.ts';

export const Input = z.object({ run: RunRef, cursor: Cursor, outcomes: z.array(ActionOutcome) });
export type Input = z.infer<typeof Input>;

/** Outcomes that only the judge may weigh (crashed, unknown) are handed on. */
export const Output = z.object({ cursor: Cursor, outcomes: z.array(ActionOutcome) });
export type Output = z.infer<typeof Output>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  MODEL_BASE_URL: z.string(),
  MODEL_NAME: z.string(),
  MODEL_SECRET_ARN: z.string(),
});
