import { createHash } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Api, Authorizer, Match } from './api-store.ts';
import { invokeFunction } from './invoke-function.ts';
import { proxyEvent, type EdgeRequest } from './proxy-event.ts';

/** What an authorizer says of a caller. */
export interface Identity {
  readonly principalId: string;
  readonly context: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly principalId: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly policyDocument: {
    readonly Statement: readonly {
      readonly Effect: string;
      readonly Action: string | readonly string[];
      readonly Resource: string | readonly string[];
    }[];
  };
}

interface Kept {
  readonly answer: Answer;
  readonly until: number;
}

const KEPT_ANSWERS = 1000;

/** Asks Lambda authorizers, and keeps their answers for the time that each allows. */
export class Authorizers {
  readonly #cloud: Cloud;
  readonly #kept = new Map<string, Kept>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /**
   * Who the caller is.
   *
   * @throws AwsError with the status that API Gateway answers: 401, 403 or 500
   */
  async check(
    api: Api,
    match: Match,
    authorizer: Authorizer,
    request: EdgeRequest,
  ): Promise<Identity> {
    const values = authorizer.identityHeaders.map((name) => request.headers[name] ?? '');
    if (values.some((value) => value === '')) throw unauthorized();
    const answer = await this.#answer(api, match, authorizer, request, values);
    const methodArn = `${this.#apiArn(api)}/${api.stage}/${request.method}${request.path}`;
    if (!allows(answer, methodArn)) {
      throw new AwsError(
        'AccessDeniedException',
        'User is not authorized to access this resource with an explicit deny',
        403,
      );
    }
    return { principalId: answer.principalId, context: answer.context ?? {} };
  }

  #apiArn(api: Api): string {
    return this.#cloud.arn('execute-api', api.id);
  }

  async #answer(
    api: Api,
    match: Match,
    authorizer: Authorizer,
    request: EdgeRequest,
    values: readonly string[],
  ): Promise<Answer> {
    const key = createHash('sha256')
      .update(JSON.stringify([authorizer.id, values]))
      .digest('hex');
    const known = this.#kept.get(key);
    if (known && known.until > this.#cloud.now()) return known.answer;
    const answer = await this.#ask(api, match, authorizer, request);
    if (authorizer.ttlSeconds > 0) {
      if (this.#kept.size >= KEPT_ANSWERS) this.#kept.clear();
      this.#kept.set(key, { answer, until: this.#cloud.now() + authorizer.ttlSeconds * 1000 });
    }
    return answer;
  }

  async #ask(
    api: Api,
    match: Match,
    authorizer: Authorizer,
    request: EdgeRequest,
  ): Promise<Answer> {
    const methodArn = `${this.#apiArn(api)}/${api.stage}/${request.method}${request.path}`;
    const {
      body: _body,
      isBase64Encoded: _flag,
      ...event
    } = proxyEvent(this.#cloud, api, match, request, undefined);
    const payload =
      authorizer.kind === 'request'
        ? { type: 'REQUEST', methodArn, ...event }
        : {
            type: 'TOKEN',
            methodArn,
            authorizationToken: request.headers[authorizer.identityHeaders[0] ?? ''],
          };
    const { error, result } = await invokeFunction(
      this.#cloud,
      authorizer.functionArn,
      payload,
      `${this.#apiArn(api)}/authorizers/${authorizer.id}`,
    );
    if (error?.errorMessage === 'Unauthorized') throw unauthorized();
    const answer = result as Partial<Answer> | null;
    if (error || !answer?.principalId || !answer.policyDocument?.Statement) {
      throw new AwsError('AuthorizerConfigurationException', 'Internal server error', 500);
    }
    return answer as Answer;
  }
}

const unauthorized = (): AwsError => new AwsError('UnauthorizedException', 'Unauthorized', 401);

/** An explicit deny wins; without an allow nothing is allowed. */
function allows({ policyDocument }: Answer, methodArn: string): boolean {
  const matching = policyDocument.Statement.filter(
    ({ Action, Resource }) =>
      [Action].flat().some((action) => covers(action, 'execute-api:Invoke')) &&
      [Resource].flat().some((resource) => covers(resource, methodArn)),
  );
  return (
    matching.some(({ Effect }) => Effect === 'Allow') &&
    !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

function covers(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*?';
    return part === '?' ? '.' : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's').test(text);
}
