import * as z from 'zod/mini';

/** The part that is read of a "Step Functions Execution Status Change" event. */
export const Input = z.object({
  detail: z.object({
    executionArn: z.string(),
    name: z.string(),
    status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
    input: z.nullish(z.string()),
    error: z.nullish(z.string()),
    cause: z.nullish(z.string()),
  }),
});
export type Input = z.infer<typeof Input>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  MAIN_QUEUE_URL: z.string(),
  HIGH_QUEUE_URL: z.string(),
  DEAD_QUEUE_URL: z.string(),
  EVENT_BUS_NAME: z.string(),
  SANDBOX_CLUSTER: z.string(),
});
