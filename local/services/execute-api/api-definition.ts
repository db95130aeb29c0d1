/** A Lambda authorizer of a REST API. */
export interface Authorizer {
  /** Six lower-case characters. */
  readonly id: string;
  readonly kind: 'request' | 'token';
  readonly functionArn: string;
  /** What makes up the caller's identity; the answer is kept by these values. */
  readonly identitySources: readonly IdentitySource[];
  /** A token that does not match is refused without asking the function. */
  readonly validation?: RegExp;
  readonly ttlSeconds: number;
}

/** A header (its name in lower case) or a query parameter. */
export interface IdentitySource {
  readonly from: 'header' | 'querystring';
  readonly name: string;
}

/** One method of one path, whose requests go to a function. */
export interface Method {
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly authorizer?: Authorizer;
}

/** One path of an API. */
export interface Resource {
  /** Six lower-case characters. */
  readonly id: string;
  /** Such as `/v1/tasks/{task_id}`. */
  readonly path: string;
  /** By upper-case name; `ANY` for all others. */
  readonly methods: ReadonlyMap<string, Method>;
}

/** A REST API as its OpenAPI body describes it. */
export interface ApiDefinition {
  /** Ten lower-case characters. */
  readonly id: string;
  readonly resources: readonly Resource[];
}
