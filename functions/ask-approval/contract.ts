import * as z from 'zod/mini';
import { ActionTicket, RunRef } from '#shared/domain/run/run.ts';

export const Input = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('ask'),
    run: RunRef,
    action: ActionTicket,
    callback_token: z.string(),
  }),
  z.object({ op: z.literal('expire'), run: RunRef, action: ActionTicket }),
]);
export type Input = z.infer<typeof Input>;

export const Output = z.object({ approval_id: z.string() });
export type Output = z.infer<typeof Output>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  TOKEN_KEY_ID: z.string(),
});
