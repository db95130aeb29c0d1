import * as z from 'zod/mini';

export const Input = z.object({
  url: z.string(),
  /** At most this much of the body is read. */
  max_bytes: z._default(z.int().check(z.gte(1), z.lte(5_000_000)), 1_000_000),
});
export type Input = z.infer<typeof Input>;

export const Output = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('fetched'),
    url: z.string(),
    status: z.int(),
    media_type: z.string(),
    text: z.string(),
    truncated: z.boolean(),
  }),
  z.object({ kind: z.literal('blocked'), url: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('failed'), url: z.string(), reason: z.string() }),
]);
export type Output = z.infer<typeof Output>;

export const Env = z.object({
  /** Hosts of our own that must never be fetched, separated by commas. */
  BLOCKED_HOSTS: z.string(),
});
