import type { IamRequest } from '#local/kernel/service.ts';
import type { ConditionContext } from './conditions.ts';
import type { PrincipalFacts } from './principals.ts';

/** What the keys that every request has are made of. */
export interface ContextSource {
  readonly facts: PrincipalFacts;
  readonly request: IamRequest;
  /** Tags of the role, which session tags of the same name replace. */
  readonly roleTags: Readonly<Record<string, string>>;
  /** The role's unique id, first half of `aws:userid`. */
  readonly roleId: string;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const PRINCIPAL_TAG = 'aws:principaltag/';

/** The condition keys of one request: those of the action, and the global `aws:` keys. */
export class RequestContext implements ConditionContext {
  readonly #source: ContextSource;
  #ofRequest: Map<string, readonly string[]> | undefined;
  readonly variable = (key: string): string | undefined => {
    const values = this.values(key.toLowerCase());
    return values?.length === 1 ? values[0] : undefined;
  };

  constructor(source: ContextSource) {
    this.#source = source;
  }

  values(lowerCaseKey: string): readonly string[] | undefined {
    const ofRequest = this.#requestKeys().get(lowerCaseKey);
    if (ofRequest !== undefined) return ofRequest;
    if (!lowerCaseKey.startsWith('aws:')) return undefined;
    const value = lowerCaseKey.startsWith(PRINCIPAL_TAG)
      ? this.#principalTag(lowerCaseKey.slice(PRINCIPAL_TAG.length))
      : GLOBAL_KEYS[lowerCaseKey]?.(this.#source);
    return value === undefined ? undefined : [value];
  }

  #requestKeys(): Map<string, readonly string[]> {
    this.#ofRequest ??= new Map(
      Object.entries(this.#source.request.conditions ?? {}).map(([key, value]) => [
        key.toLowerCase(),
        typeof value === 'string' ? [value] : value,
      ]),
    );
    return this.#ofRequest;
  }

  #principalTag(lowerCaseName: string): string | undefined {
    const { facts, roleTags } = this.#source;
    const session = facts.principal.kind === 'role' ? facts.principal.tags : {};
    for (const tags of [session, roleTags]) {
      for (const [name, value] of Object.entries(tags)) {
        if (name.toLowerCase() === lowerCaseName) return value;
      }
    }
    return undefined;
  }
}

const sourceArn = ({ facts }: ContextSource): string | undefined =>
  facts.principal.kind === 'service' ? facts.principal.sourceArn : undefined;

const isService = ({ facts }: ContextSource): boolean => facts.principal.kind === 'service';

const GLOBAL_KEYS: Readonly<Record<string, (source: ContextSource) => string | undefined>> = {
  'aws:currenttime': ({ now }) => new Date(now).toISOString(),
  'aws:epochtime': ({ now }) => String(Math.floor(now / 1000)),
  'aws:principalaccount': (source) => (isService(source) ? undefined : source.facts.account),
  'aws:principalarn': ({ facts }) => facts.principalArn,
  'aws:principalisawsservice': (source) => String(isService(source)),
  'aws:principalservicename': ({ facts }) =>
    facts.principal.kind === 'service' ? facts.principal.service : undefined,
  'aws:principaltype': ({ facts }) =>
    ({ root: 'Account', role: 'AssumedRole', service: undefined })[facts.principal.kind],
  'aws:requestedregion': ({ region }) => region,
  'aws:resourceaccount': ({ facts }) => facts.account,
  // The loopback interface never leaves the machine, so it counts as protected in transit: policies
  // that deny plain HTTP then judge the same here as behind the TLS endpoints of AWS.
  'aws:securetransport': () => 'true',
  'aws:sourceaccount': (source) => {
    const arn = sourceArn(source);
    // An S3 bucket's ARN names no account; S3 sends the bucket's owner.
    return arn === undefined ? undefined : arn.split(':')[4] || source.facts.account;
  },
  'aws:sourcearn': sourceArn,
  'aws:sourceip': (source) => (isService(source) ? undefined : '127.0.0.1'),
  'aws:userid': ({ facts, roleId }) => {
    if (facts.principal.kind === 'root') return facts.account;
    return facts.principal.kind === 'role' ? `${roleId}:${facts.principal.sessionName}` : undefined;
  },
  'aws:viaawsservice': () => 'false',
};
