import * as z from 'zod/mini';

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  MAIN_QUEUE_URL: z.string(),
  HIGH_QUEUE_URL: z.string(),
  DEAD_QUEUE_URL: z.string(),
  TOKEN_KEY_ID: z.string(),
  FINISH_RUN_FUNCTION: z.string(),
  /** The ARN of the state machine or of its alias. */
  RUN_STATE_MACHINE_ARN: z.string(),
});
