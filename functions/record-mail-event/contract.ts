import * as z from 'zod/mini';

const Tag = z.array(z.string()).check(z.minLength(1));

/** The part that is read of an SES "Email Sent" event: our tags name the effect. */
export const Input = z.object({
  time: z.string(),
  detail: z.object({
    eventType: z.literal('Send'),
    mail: z.object({
      messageId: z.string(),
      tags: z.object({ tenant: Tag, task: Tag, effect: Tag }),
    }),
  }),
});
export type Input = z.infer<typeof Input>;

export const Env = z.object({ TABLE_NAME: z.string(), DATA_ROLE_ARN: z.string() });
