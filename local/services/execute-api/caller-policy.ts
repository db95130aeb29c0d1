import { compilePolicy, type CompiledStatement } from '#local/iam/policy/compile-policy.ts';
import type { PolicyDocument } from '#local/kernel/service.ts';
import { accessDenied, authorizerFailed } from './gateway-error.ts';

/** What an authorizer answered: who the caller is and what they may do. */
export class CallerPolicy {
  readonly principalId: string;
  /** Numbers and truth values reach the function as strings. */
  readonly context: Readonly<Record<string, string>>;
  readonly #statements: readonly CompiledStatement[];

  /** @throws GatewayError 500 for an answer that API Gateway cannot take */
  constructor(answer: unknown) {
    const { principalId, policyDocument, context } = (answer ?? {}) as {
      readonly principalId?: unknown;
      readonly policyDocument?: unknown;
      readonly context?: unknown;
    };
    if (typeof principalId !== 'string' || !isObject(policyDocument)) throw authorizerFailed();
    this.principalId = principalId;
    this.context = stringsOf(context);
    try {
      this.#statements = compilePolicy('authorizer', policyDocument as PolicyDocument, 'identity');
    } catch {
      throw authorizerFailed();
    }
  }

  /** @throws GatewayError 403 when the policy does not allow it, or denies it */
  check(methodArn: string, facts: { readonly sourceIp: string; readonly now: number }): void {
    const keys: Readonly<Record<string, string>> = {
      'aws:sourceip': facts.sourceIp,
      'aws:currenttime': new Date(facts.now).toISOString(),
      'aws:epochtime': String(Math.floor(facts.now / 1000)),
    };
    const context = {
      values: (key: string) => (keys[key] === undefined ? undefined : [keys[key]]),
      variable: (key: string) => keys[key.toLowerCase()],
    };
    const effects = this.#statements
      .filter(
        (statement) =>
          statement.matchesAction('execute-api:invoke') &&
          statement.matchesResource(methodArn, context) &&
          statement.conditionsHold(context),
      )
      .map(({ effect }) => effect);
    if (effects.includes('Deny')) throw accessDenied(true);
    if (!effects.includes('Allow')) throw accessDenied(false);
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function stringsOf(context: unknown): Record<string, string> {
  if (context === undefined || context === null) return {};
  if (!isObject(context)) throw authorizerFailed();
  return Object.fromEntries(
    Object.entries(context)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => {
        if (!['string', 'number', 'boolean'].includes(typeof value)) throw authorizerFailed();
        return [name, String(value)];
      }),
  );
}
