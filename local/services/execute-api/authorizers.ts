import type { Cloud } from '#local/kernel/cloud.ts';
import type { Authorizer } from './api-definition.ts';
import { CallerPolicy } from './caller-policy.ts';
import { headerOf, type EdgeRequest } from './edge-request.ts';
import { authorizerFailed, GatewayError, unauthorized } from './gateway-error.ts';
import { invokeFunction, within, type Invoked } from './invoke-function.ts';
import { authorizerEvent, methodArn, type Caller, type RoutedRequest } from './proxy-event.ts';

interface Kept {
  readonly policy: CallerPolicy;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Beyond this many the oldest answer is forgotten. */
const MOST_KEPT = 10_000;
const TIMEOUT_MS = 29_000;

/** Asks Lambda authorizers who a caller is, and keeps their answers as long as they allow. */
export class Authorizers {
  readonly #cloud: Cloud;
  readonly #kept = new Map<string, Kept>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Forgets all answers, as a new deployment of an API does. */
  forget(): void {
    this.#kept.clear();
  }

  /** @throws GatewayError 401, 403 or 500, when the caller may not do this */
  async check(authorizer: Authorizer, routed: RoutedRequest): Promise<Caller> {
    const values = authorizer.identitySources.map(({ from, name }) =>
      from === 'header' ? headerOf(routed.request, name) : routed.request.query.get(name),
    );
    if (values.some((value) => !value)) throw unauthorized();
    if (authorizer.validation && !authorizer.validation.test(values[0] ?? '')) throw unauthorized();
    const key = JSON.stringify([routed.apiId, routed.stage, authorizer.id, values]);
    const startedAt = performance.now();
    const known = this.#known(key);
    const policy = known ?? (await this.#ask(authorizer, routed, values[0] ?? ''));
    if (!known) this.#keep(key, policy, authorizer.ttlSeconds);
    policy.check(methodArn(this.#cloud, routed), factsOf(routed.request));
    return {
      principalId: policy.principalId,
      context: policy.context,
      integrationLatency: known ? 0 : Math.round(performance.now() - startedAt),
    };
  }

  #known(key: string): CallerPolicy | undefined {
    const kept = this.#kept.get(key);
    return kept && kept.until > this.#cloud.now() ? kept.policy : undefined;
  }

  #keep(key: string, policy: CallerPolicy, seconds: number): void {
    if (seconds === 0) return;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.delete(key);
    this.#kept.set(key, { policy, until: this.#cloud.now() + seconds * 1000 });
  }

  async #ask(authorizer: Authorizer, routed: RoutedRequest, token: string): Promise<CallerPolicy> {
    const event =
      authorizer.kind === 'request'
        ? authorizerEvent(this.#cloud, routed)
        : {
            type: 'TOKEN',
            methodArn: methodArn(this.#cloud, routed),
            authorizationToken: token,
          };
    const invoked = await this.#invoke(authorizer, routed.apiId, event);
    if ('answer' in invoked) return new CallerPolicy(invoked.answer);
    throw invoked.error.errorMessage === 'Unauthorized' ? unauthorized() : authorizerFailed();
  }

  async #invoke({ id, functionArn }: Authorizer, apiId: string, event: object): Promise<Invoked> {
    const source = this.#cloud.arn('execute-api', `${apiId}/authorizers/${id}`);
    try {
      const call = invokeFunction(this.#cloud, functionArn, event, source);
      return await within(TIMEOUT_MS, authorizerFailed, call);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      console.error(`authorizer ${functionArn}:`, error);
      throw authorizerFailed();
    }
  }
}

const factsOf = ({ sourceIp, at }: EdgeRequest) => ({ sourceIp, now: at });
