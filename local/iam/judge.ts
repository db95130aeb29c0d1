import type { Authorizer, Cloud } from '#local/kernel/cloud.ts';
import type { IamRequest, PolicyDocument, Principal } from '#local/kernel/service.ts';
import { denial, type Verdicts } from './denial.ts';
import type { CompiledRole, PolicyBook, PlacedStatement } from './policy-book.ts';
import { compilePolicy, type CompiledStatement } from './policy/compile-policy.ts';
import type { PrincipalFacts, PrincipalMatch } from './policy/principals.ts';
import { RequestContext } from './policy/request-context.ts';

/** How many resource policies that came as fresh objects are kept compiled. */
const KEPT_POLICIES = 1000;

/** What the policies of one kind say to a request. */
interface Verdict {
  /** Full id of the statement that denies. */
  readonly denied?: string;
  /** Full id of the statement that allows. */
  readonly allowed?: string;
  /** How the allowing statement names the principal; for identity policies always `direct`. */
  readonly match?: PrincipalMatch;
}

/**
 * Judges calls as IAM does inside one account: an explicit deny wins; a role needs an allow from its
 * own policies or from a resource policy that names it; a service needs one from a resource policy;
 * a key policy or trust policy must agree in any case; root may do what nothing denies.
 */
export class Judge implements Authorizer {
  readonly #book: PolicyBook;
  readonly #compiled = new WeakMap<PolicyDocument, readonly CompiledStatement[]>();
  readonly #compiledTexts = new Map<string, readonly CompiledStatement[]>();

  constructor(book: PolicyBook) {
    this.#book = book;
  }

  /**
   * @returns `<role arn>/<policy name>#<sid or index>` of the identity statement that allowed it, else
   *   `<resource arn>/policy#<sid or index>` (`/trust#` of a role), or `root`
   * @throws AwsError `AccessDenied` or `AccessDeniedException`, as the service names it, saying what
   *   is missing
   */
  check(principal: Principal, request: IamRequest, cloud: Cloud): string {
    const role = principal.kind === 'role' ? this.#book.role(principal.roleArn) : undefined;
    const facts = principalFacts(principal, role, cloud.account);
    const context = new RequestContext({
      facts,
      request,
      roleTags: role?.role.tags ?? {},
      roleId: role?.role.id ?? '',
      region: cloud.region,
      now: cloud.now(),
    });
    const action = request.action.toLowerCase();
    const own = role?.statementsFor(action) ?? [];
    const onResource = this.#resourceStatements(request, action, facts, cloud);
    const identity = judge(own, request, context, facts);
    const resource = judge(onResource, request, context, facts);
    const verdicts: Verdicts = { identity: own, resource: onResource, request, context, facts };
    if (identity.denied) throw denial(verdicts, { by: identity.denied, kind: 'identity' });
    if (resource.denied) throw denial(verdicts, { by: resource.denied, kind: 'resource' });
    const allowedBy = allows(facts, identity, resource, needsResourcePolicy(request));
    if (allowedBy === undefined) throw denial(verdicts);
    return allowedBy;
  }

  #resourceStatements(
    request: IamRequest,
    action: string,
    facts: PrincipalFacts,
    cloud: Cloud,
  ): readonly PlacedStatement[] {
    if (request.resource === '*') return [];
    if (action.startsWith('sts:')) {
      return named(this.#book.role(request.resource)?.trust ?? [], action, facts);
    }
    const serviceName = request.resource.split(':', 3)[2];
    const service = cloud.services.find(({ name }) => name === serviceName);
    const document = service?.resourcePolicy?.(request.resource);
    if (!document) return [];
    const owner = policyOwner(request.resource);
    const candidates = this.#compile(document).map((statement) => ({
      statement,
      fullId: `${owner}/${statement.id}`,
    }));
    return named(candidates, action, facts);
  }

  #compile(document: PolicyDocument): readonly CompiledStatement[] {
    const known = this.#compiled.get(document);
    if (known) return known;
    const text = JSON.stringify(document);
    let statements = this.#compiledTexts.get(text);
    if (!statements) {
      statements = compilePolicy('policy', document, 'resource');
      if (this.#compiledTexts.size >= KEPT_POLICIES) this.#compiledTexts.clear();
      this.#compiledTexts.set(text, statements);
    }
    this.#compiled.set(document, statements);
    return statements;
  }
}

function principalFacts(
  principal: Principal,
  role: CompiledRole | undefined,
  account: string,
): PrincipalFacts {
  switch (principal.kind) {
    case 'root':
      return {
        principal,
        account,
        principalArn: `arn:aws:iam::${account}:root`,
        sessionArn: undefined,
      };
    case 'service':
      return { principal, account, principalArn: undefined, sessionArn: undefined };
    case 'role': {
      const name = role?.role.name ?? principal.roleArn.split('/').at(-1);
      const sessionArn = `arn:aws:sts::${account}:assumed-role/${name}/${principal.sessionName}`;
      return { principal, account, principalArn: principal.roleArn, sessionArn };
    }
  }
}

/** Those that speak of the action and name the principal. */
const named = (
  candidates: readonly PlacedStatement[],
  action: string,
  facts: PrincipalFacts,
): readonly PlacedStatement[] =>
  candidates.filter(
    ({ statement }) =>
      statement.matchesAction(action) && statement.principal?.(facts) !== undefined,
  );

/** A bucket's policy speaks for its objects. */
const policyOwner = (arn: string): string =>
  arn.startsWith('arn:aws:s3:') ? (arn.split('/')[0] ?? arn) : arn;

/** Keys and roles: without a word of their own policy, nobody may. */
const needsResourcePolicy = ({ action, resource }: IamRequest): boolean =>
  resource !== '*' && (resource.startsWith('arn:aws:kms:') || action.startsWith('sts:'));

function judge(
  candidates: readonly PlacedStatement[],
  request: IamRequest,
  context: RequestContext,
  facts: PrincipalFacts,
): Verdict {
  let allowed: Verdict = {};
  for (const { statement, fullId } of candidates) {
    const match = statement.principal ? statement.principal(facts) : 'direct';
    const better =
      allowed.allowed === undefined || (allowed.match === 'account' && match === 'direct');
    if (statement.effect === 'Allow' && !better) continue;
    if (!statement.matchesResource(request.resource, context)) continue;
    if (!statement.conditionsHold(context)) continue;
    if (statement.effect === 'Deny') return { denied: fullId };
    allowed = { allowed: fullId, match };
  }
  return allowed;
}

/** The statement that settles it, when nothing denies. */
function allows(
  facts: PrincipalFacts,
  identity: Verdict,
  resource: Verdict,
  resourceMustAgree: boolean,
): string | undefined {
  switch (facts.principal.kind) {
    case 'root':
      return 'root';
    case 'service':
      return resource.allowed;
    case 'role':
      if (resource.allowed !== undefined && resource.match === 'direct') {
        return identity.allowed ?? resource.allowed;
      }
      return resourceMustAgree && resource.allowed === undefined ? undefined : identity.allowed;
  }
}
