import * as z from 'zod/mini';

/** How a stage is deployed. `economy` costs little while idle; `strict` trades money for isolation. */
export const Stage = z.object({
  name: z.string().check(z.regex(/^[a-z][a-z0-9]{1,11}$/)),
  profile: z.enum(['economy', 'strict']),
  /** Days that logs are kept. */
  logDays: z.union([z.literal(7), z.literal(30), z.literal(90)]),
  /** Address ranges that may call the API. @default everybody who has a key */
  clients: z.optional(z.array(z.cidrv4()).check(z.minLength(1))),
});
export type Stage = z.infer<typeof Stage>;

export const STAGES = {
  dev: { name: 'dev', profile: 'economy', logDays: 7 },
  prod: { name: 'prod', profile: 'strict', logDays: 90 },
} as const satisfies Record<string, Stage>;
