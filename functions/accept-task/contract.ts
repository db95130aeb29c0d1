import * as z from 'zod/mini';

export { SubmitTask as Input, TaskView as Output } from '#shared/api/tasks.ts';

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  MAIN_QUEUE_URL: z.string(),
  HIGH_QUEUE_URL: z.string(),
});
