import * as z from 'zod/mini';
import { TenantId } from '../id/id.ts';

export const ROLES = ['owner', 'admin', 'operator', 'approver', 'developer', 'viewer'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** Who acts, in which tenant: what the authorizer hands to the functions behind it, as strings. */
export const Principal = z.object({
  tenant: TenantId,
  /** Such as `user:olivia`; unique in the tenant. */
  principal: z.string(),
  role: Role,
  key_id: z.string(),
});
export type Principal = z.infer<typeof Principal>;

/** The stored half of an API key `mk_<tenant>_<key id>_<secret>`: never the secret. */
export const ApiKey = z.object({
  v: z.literal(1),
  key_id: z.string(),
  tenant: TenantId,
  principal: z.string(),
  role: Role,
  /** SHA-256 of the secret, which has 256 random bits: a slow hash would add nothing. */
  secret_hash: z.string(),
  created_at: z.string(),
  expires_at: z.nullable(z.string()),
  revoked_at: z.nullable(z.string()),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The parts of an API key, or undefined when the text is none. */
export function parseApiKey(
  text: string,
): { readonly tenant: string; readonly keyId: string; readonly secret: string } | undefined {
  const match =
    /^mk_([a-z][a-z0-9-]{1,30}[a-z0-9])_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/.exec(text);
  if (!match) return undefined;
  const [, tenant = '', id = '', secret = ''] = match;
  return { tenant, keyId: `key_${id}`, secret };
}

export const PERMISSIONS = [
  'tasks:submit',
  'tasks:read',
  'tasks:cancel',
  'tasks:redrive',
  'approvals:read',
  'approvals:decide',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READ: readonly Permission[] = ['tasks:read', 'approvals:read'];
const WORK: readonly Permission[] = [...READ, 'tasks:submit', 'tasks:cancel'];

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: PERMISSIONS,
  admin: PERMISSIONS,
  operator: [...READ, 'tasks:cancel', 'tasks:redrive'],
  approver: [...READ, 'approvals:decide'],
  developer: WORK,
  viewer: READ,
};

/**
 * True when the principal may do it. An agent's key never decides an approval, whatever its role:
 * a model must not author the answer to its own question.
 */
export function may(who: Pick<Principal, 'principal' | 'role'>, permission: Permission): boolean {
  if (permission === 'approvals:decide' && !who.principal.startsWith('user:')) return false;
  return GRANTS[who.role].includes(permission);
}
