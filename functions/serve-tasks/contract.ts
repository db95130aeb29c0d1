import * as z from 'zod/mini';

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  MAIN_QUEUE_URL: z.string(),
  HIGH_QUEUE_URL: z.string(),
  TOKEN_KEY_ID: z.string(),
  SANDBOX_CLUSTER: z.string(),
});
