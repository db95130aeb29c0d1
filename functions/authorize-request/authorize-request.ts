import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '#shared/domain/canonical/canonical.ts';
import { parseApiKey, type ApiKey, type Principal } from '#shared/domain/principal/principal.ts';
import type { Clock } from '#shared/ports/clock.ts';

export interface AuthorizeRequestDeps {
  readonly findKey: (tenant: string, keyId: string) => Promise<ApiKey | undefined>;
  readonly now: Clock;
}

/** The principal behind an `Authorization` header, or undefined when the key is not good. */
export async function authorizeRequest(
  authorization: string | undefined,
  { findKey, now }: AuthorizeRequestDeps,
): Promise<Principal | undefined> {
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization ?? '')?.[1];
  const parts = bearer === undefined ? undefined : parseApiKey(bearer);
  if (!parts) return undefined;
  const key = await findKey(parts.tenant, parts.keyId);
  if (!key) return undefined;
  const given = Buffer.from(sha256(parts.secret), 'hex');
  if (!timingSafeEqual(given, Buffer.from(key.secret_hash, 'hex'))) return undefined;
  if (key.revoked_at !== null) return undefined;
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now()) return undefined;
  return { tenant: key.tenant, principal: key.principal, role: key.role, key_id: key.key_id };
}
