import * as z from 'zod/mini';
import { TenantId } from '#shared/domain/id/id.ts';
import { Role } from '#shared/domain/principal/principal.ts';

export const Input = z.strictObject({
  tenant: TenantId,
  name: z.string().check(z.minLength(1), z.maxLength(120)),
  /** The address book: a short name and an e-mail address. */
  contacts: z._default(z.record(z.string(), z.email()), {}),
  limits: z._default(z.strictObject({ concurrent_runs: z.int().check(z.gte(1), z.lte(1000)) }), {
    concurrent_runs: 25,
  }),
  policy_yaml: z.optional(z.string().check(z.maxLength(200_000))),
  keys: z.array(
    z.strictObject({
      principal: z.string().check(z.regex(/^(user|agent):[a-z0-9][a-z0-9._-]{0,62}$/)),
      role: Role,
    }),
  ),
});
export type Input = z.infer<typeof Input>;

export const Output = z.object({
  tenant: TenantId,
  /** False when the tenant was there already; then no key is issued. */
  created: z.boolean(),
  keys: z.array(
    z.object({
      principal: z.string(),
      role: z.string(),
      key_id: z.string(),
      /** Shown this once; only its hash is kept. */
      api_key: z.string(),
    }),
  ),
});
export type Output = z.infer<typeof Output>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
});
