import type { FunctionRevision } from '../function-settings.ts';

/** One event for one version of a function. */
export interface Invocation {
  readonly requestId: string;
  /** The ARN as the caller named it, with its alias or version. */
  readonly invokedArn: string;
  /** JSON. */
  readonly payload: string;
  readonly traceId: string;
  /** JSON, as given in `X-Amz-Client-Context`. */
  readonly clientContext?: string;
  /** Makes the result wait for the log lines of this invocation. */
  readonly wantsLog?: boolean;
}

export interface InvocationResult {
  /** True for an error of the function itself, false for its answer. */
  readonly failed: boolean;
  /** JSON: the answer, or `{ errorType, errorMessage, trace }`. */
  readonly payload: string;
  /** The last 4 KB of the log when asked for. */
  readonly logTail?: string;
}

/** An invocation on its way: where its result goes. */
export interface PendingInvocation {
  readonly invocation: Invocation;
  /** Milliseconds of `performance.now()`. */
  readonly queuedAt: number;
  settle(result: InvocationResult): void;
  reject(error: unknown): void;
}

/** The result of an invocation whose process or platform failed. */
export function failure(errorType: string, errorMessage: string): InvocationResult {
  return { failed: true, payload: JSON.stringify({ errorType, errorMessage }) };
}

/** What a process needs to be told of the cloud around it. */
export interface ProcessSurroundings {
  /** The code folder of a revision. */
  codePath(revision: FunctionRevision): string;
  /** `127.0.0.1:<port>` of the Runtime API. */
  readonly runtimeApi: string;
  /** Milliseconds that a process may take to load its handler, before the function's own timeout. */
  readonly initMs: number;
}
