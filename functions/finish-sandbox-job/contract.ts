import * as z from 'zod/mini';

/** The part that is read of the two events that end a sandbox job, in any order, late or twice. */
export const Input = z.discriminatedUnion('detail-type', [
  z.object({
    'detail-type': z.literal('Object Created'),
    detail: z.object({ object: z.object({ key: z.string() }) }),
  }),
  z.object({
    'detail-type': z.literal('ECS Task State Change'),
    detail: z.object({
      taskArn: z.string(),
      lastStatus: z.string(),
      startedBy: z.nullish(z.string()),
      stoppedReason: z.nullish(z.string()),
    }),
  }),
]);
export type Input = z.infer<typeof Input>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  ARTIFACT_BUCKET: z.string(),
  MAILBOX_BUCKET: z.string(),
  TOKEN_KEY_ID: z.string(),
});
