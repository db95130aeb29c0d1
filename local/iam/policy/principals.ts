import type { Principal } from '#local/kernel/service.ts';
import { malformed } from './conditions.ts';

/** Who makes a request, as policies name it. */
export interface PrincipalFacts {
  readonly principal: Principal;
  readonly account: string;
  /** Of the role, not of its session; of the account for root; undefined for a service. */
  readonly principalArn: string | undefined;
  /** `arn:aws:sts::<account>:assumed-role/<role name>/<session>`, undefined unless a role. */
  readonly sessionArn: string | undefined;
}

/**
 * How a statement's `Principal` names somebody: `direct` by its own ARN, service name or `*`;
 * `account` when only its account is named, which leaves the choice to identity policies.
 */
export type PrincipalMatch = 'direct' | 'account' | undefined;

export type PrincipalMatcher = (facts: PrincipalFacts) => PrincipalMatch;

/** @throws AwsError `MalformedPolicyDocument` for a form of principal that is not served */
export function compilePrincipal(principal: unknown): PrincipalMatcher {
  if (principal === '*') return () => 'direct';
  if (typeof principal !== 'object' || principal === null) {
    throw malformed(`the principal ${JSON.stringify(principal)} is not of a known form`);
  }
  const arns: string[] = [];
  const services: string[] = [];
  for (const [kind, value] of Object.entries(principal)) {
    const values = (Array.isArray(value) ? value : [value]).map(String);
    if (kind === 'AWS') arns.push(...values);
    else if (kind === 'Service') services.push(...values);
    else throw malformed(`the local cloud does not serve principals of the kind ${kind}`);
  }
  return (facts) => matchPrincipal(facts, arns, services);
}

function matchPrincipal(
  { principal, account, principalArn, sessionArn }: PrincipalFacts,
  arns: readonly string[],
  services: readonly string[],
): PrincipalMatch {
  if (arns.includes('*')) return 'direct';
  if (principal.kind === 'service') {
    return services.includes(principal.service) ? 'direct' : undefined;
  }
  const root = `arn:aws:iam::${account}:root`;
  if (principalArn !== root && arns.some((arn) => arn === principalArn || arn === sessionArn)) {
    return 'direct';
  }
  if (arns.includes(account) || arns.includes(root)) {
    return principal.kind === 'root' ? 'direct' : 'account';
  }
  return undefined;
}
