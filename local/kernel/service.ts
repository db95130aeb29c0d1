import type { Cloud } from './cloud.ts';
import type { AwsError } from './aws-error.ts';

/** Who makes a call. A service principal carries the ARN on whose behalf it acts, as AWS does. */
export type Principal =
  | { readonly kind: 'root' }
  | {
      readonly kind: 'role';
      readonly roleArn: string;
      readonly sessionName: string;
      /** Session tags, matched by `aws:PrincipalTag/*`. */
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string };

/** One (action, resource) pair that must be allowed before a call runs. */
export interface IamRequest {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** A full ARN, or `*` for actions without a resource. */
  readonly resource: string;
  /** Service condition keys, such as `dynamodb:LeadingKeys`. */
  readonly conditions?: Readonly<Record<string, string | readonly string[]>>;
}

/** What an action knows of the call that it serves. */
export interface Call {
  readonly cloud: Cloud;
  readonly principal: Principal;
  readonly requestId: string;
  /** Ends when the caller hangs up. */
  readonly signal: AbortSignal;
}

/**
 * One API action. `run` either answers at once, inside one SQLite transaction together with its row
 * in the journal, or returns a promise and then takes care of its own transactions.
 */
export interface Action<Input = never, Output = unknown> {
  /** True for an action that changes nothing: its journal row may be written late. */
  readonly reads?: boolean;
  /** Everything that must be allowed. Throws an AwsError when the named resource does not exist. */
  authorize(input: Input, call: Call): readonly IamRequest[];
  run(input: Input, call: Call): Output | Promise<Output>;
}

/** An HTTP request whose signature has been checked. Header names are lower case. */
export interface WireRequest {
  readonly method: string;
  /** The path as sent, not decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** How a service's protocol maps to actions. */
export interface Wire {
  parse(request: WireRequest): { readonly action: string; readonly input: unknown };
  success(action: string, output: unknown, requestId: string): WireResponse;
  failure(error: AwsError, requestId: string): WireResponse;
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}

/** A resource of the template with its intrinsics resolved. */
export interface ResourceRequest {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** A stable physical name: stack, logical id; for resources that the template does not name. */
  readonly defaultName: string;
  /** The folder of the cloud assembly, for assets. */
  readonly assemblyFolder: string;
  /** Resolves an asset's S3 key (`<hash>.zip`) to the folder or file in the assembly. */
  assetPath(s3Key: string): string;
  /** The folder that a container image is built from, told by the image's URI. */
  imageFolder?(imageUri: string): string | undefined;
}

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface ResourceResult {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Makes resources of one type, or brings them up to date: called again on each start and reload. */
export interface ResourceProvider {
  readonly type: string;
  upsert(resource: ResourceRequest, cloud: Cloud): ResourceResult | Promise<ResourceResult>;
  /** Called when a reload finds the resource gone from the template. */
  remove?(ref: string, cloud: Cloud): void | Promise<void>;
}

/** One AWS service of the local cloud. */
export interface Service {
  /** The service name in a SigV4 credential scope, such as `dynamodb`. */
  readonly name: string;
  readonly wire?: Wire;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- actions differ in their input
  readonly actions: Readonly<Record<string, Action<any, unknown>>>;
  readonly resources?: readonly ResourceProvider[];
  /** The resource policy that stands on an ARN, if any. */
  resourcePolicy?(arn: string): PolicyDocument | undefined;
  /** Starts timers and pollers, after every resource has been made. Also repairs after a crash. */
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}
