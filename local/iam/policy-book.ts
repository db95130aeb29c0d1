import type { PolicyDocument } from '#local/kernel/service.ts';
import { compilePolicy, type CompiledStatement } from './policy/compile-policy.ts';

/** A role as the template has it. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  /** `AROA…` */
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly maxSessionSeconds: number;
  readonly trust: PolicyDocument;
  /** The role's own policies, by name. */
  readonly inline: Readonly<Record<string, PolicyDocument>>;
  /** Policies that AWS manages, by name. */
  readonly awsManaged: Readonly<Record<string, PolicyDocument>>;
  /** ARNs of the template's own managed policies. */
  readonly managedPolicyArns: readonly string[];
}

/** A policy that is a resource of its own and stands on roles. */
export interface AttachedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
  readonly roleNames: readonly string[];
}

/** A statement together with the policy that it stands in. */
export interface PlacedStatement {
  readonly statement: CompiledStatement;
  /** `<role or resource arn>/<policy name>#<sid or index>`: what a judgement answers. */
  readonly fullId: string;
}

/** A role with its policies compiled. */
export interface CompiledRole {
  readonly role: Role;
  readonly statements: readonly PlacedStatement[];
  readonly trust: readonly PlacedStatement[];
  /** The identity statements that speak of an action; remembered by action. */
  statementsFor(lowerCaseAction: string): readonly PlacedStatement[];
}

/** Every role and policy of the template, compiled when it is first asked for. */
export class PolicyBook {
  readonly #roles = new Map<string, Role>();
  readonly #policies = new Map<string, AttachedPolicy>();
  readonly #compiled = new Map<string, CompiledRole>();
  readonly #left: string | undefined;

  /** @param left the full id of a statement to leave out, to show what it is needed for */
  constructor(left?: string) {
    this.#left = left;
  }

  /** Takes a role in, or replaces it. @throws AwsError `MalformedPolicyDocument` */
  putRole(role: Role): void {
    this.#roles.set(role.arn, role);
    this.#compiled.delete(role.arn);
    this.role(role.arn);
  }

  removeRole(arn: string): void {
    this.#roles.delete(arn);
    this.#compiled.delete(arn);
  }

  /** @param key the policy's ARN, or for `AWS::IAM::Policy` its Ref @throws AwsError `MalformedPolicyDocument` */
  putPolicy(key: string, policy: AttachedPolicy): void {
    compilePolicy(policy.name, policy.document, 'identity');
    this.#policies.set(key, policy);
    this.#compiled.clear();
  }

  removePolicy(key: string): void {
    this.#policies.delete(key);
    this.#compiled.clear();
  }

  get roles(): readonly Role[] {
    return [...this.#roles.values()];
  }

  role(arn: string): CompiledRole | undefined {
    const known = this.#compiled.get(arn);
    if (known) return known;
    const role = this.#roles.get(arn);
    if (!role) return undefined;
    const compiled = this.#compile(role);
    this.#compiled.set(arn, compiled);
    return compiled;
  }

  /** Every identity statement of every role, so that a test can ask which was never needed. */
  grants(): readonly PlacedStatement[] {
    return this.roles.flatMap((role) => this.role(role.arn)?.statements ?? []);
  }

  /** The same book without one statement. @param fullId as in `PlacedStatement` */
  without(fullId: string): PolicyBook {
    const book = new PolicyBook(fullId);
    for (const role of this.#roles.values()) book.#roles.set(role.arn, role);
    for (const [key, policy] of this.#policies) book.#policies.set(key, policy);
    return book;
  }

  #compile(role: Role): CompiledRole {
    const own = (name: string, document: PolicyDocument, kind: 'identity' | 'trust') =>
      compilePolicy(name, document, kind)
        .map((statement) => ({ statement, fullId: `${role.arn}/${statement.id}` }))
        .filter(({ fullId }) => fullId !== this.#left);
    const statements = this.#policiesOf(role).flatMap(([name, document]) =>
      own(name, document, 'identity'),
    );
    const byAction = new Map<string, readonly PlacedStatement[]>();
    return {
      role,
      statements,
      trust: own('trust', role.trust, 'trust'),
      statementsFor(action) {
        let found = byAction.get(action);
        if (!found) {
          found = statements.filter(({ statement }) => statement.matchesAction(action));
          byAction.set(action, found);
        }
        return found;
      },
    };
  }

  #policiesOf(role: Role): [string, PolicyDocument][] {
    const attached = [...this.#policies]
      .filter(
        ([key, policy]) =>
          policy.roleNames.includes(role.name) || role.managedPolicyArns.includes(key),
      )
      .map(([, policy]): [string, PolicyDocument] => [policy.name, policy.document]);
    return [...Object.entries(role.inline), ...Object.entries(role.awsManaged), ...attached];
  }
}
