import { sha256 } from '#shared/domain/canonical/canonical.ts';
import type { ApiKey } from '#shared/domain/principal/principal.ts';
import { DEFAULT_POLICY_YAML } from '#shared/policy/default-policy.ts';
import { parsePolicy } from '#shared/policy/policy-document.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import type { Input, Output } from './contract.ts';

/** A tenant as stored. */
export interface TenantRecord {
  readonly v: 1;
  readonly tenant: string;
  readonly name: string;
  readonly status: 'active';
  readonly contacts: Readonly<Record<string, string>>;
  readonly limits: { readonly concurrent_runs: number };
  readonly created_at: string;
}

export interface ProvisionTenantDeps {
  /** Stores everything in one transaction. @returns false when the tenant is there already */
  readonly create: (
    tenant: TenantRecord,
    policyYaml: string,
    keys: readonly ApiKey[],
  ) => Promise<boolean>;
  /** 32 random bytes in base64url. */
  readonly secret: () => string;
  readonly now: Clock;
  readonly nextId: IdSource;
}

/**
 * Makes a tenant with its policy and its first keys. One that is there already is left as it is, and
 * no key is issued.
 *
 * @throws AppError `policy.invalid`
 */
export async function provisionTenant(input: Input, deps: ProvisionTenantDeps): Promise<Output> {
  const policyYaml = input.policy_yaml ?? DEFAULT_POLICY_YAML;
  parsePolicy(policyYaml);
  const at = isoTime(deps.now());
  const issued = input.keys.map(({ principal, role }) => {
    const keyId = deps.nextId('key');
    const secret = deps.secret();
    const stored: ApiKey = {
      v: 1,
      key_id: keyId,
      tenant: input.tenant,
      principal,
      role,
      secret_hash: sha256(secret),
      created_at: at,
      expires_at: null,
      revoked_at: null,
    };
    const apiKey = `mk_${input.tenant}_${keyId.slice('key_'.length)}_${secret}`;
    return { stored, shown: { principal, role, key_id: keyId, api_key: apiKey } };
  });
  const created = await deps.create(
    {
      v: 1,
      tenant: input.tenant,
      name: input.name,
      status: 'active',
      contacts: input.contacts,
      limits: input.limits,
      created_at: at,
    },
    policyYaml,
    issued.map(({ stored }) => stored),
  );
  return { tenant: input.tenant, created, keys: created ? issued.map(({ shown }) => shown) : [] };
}
