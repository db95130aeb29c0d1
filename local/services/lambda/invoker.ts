import { randomBytes } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { functionArn, type FunctionReference } from './function-name.ts';
import type { FunctionRevision } from './function-settings.ts';
import type { FunctionStore } from './function-store.ts';
import type { InvocationResult } from './runtime/invocation.ts';
import type { ProcessFleet } from './runtime/process-fleet.ts';

/** An account's events at once in a region, unless AWS raised it. */
const ACCOUNT_CONCURRENCY = 1000;

export interface InvokeRequest {
  readonly reference: FunctionReference;
  readonly payload: string;
  readonly requestId: string;
  readonly traceId?: string;
  readonly clientContext?: string;
  readonly wantsLog?: boolean;
}

/** Runs events, within the reserved concurrency of functions and the account's. */
export class Invoker {
  readonly #cloud: Cloud;
  readonly #store: FunctionStore;
  readonly #fleet: ProcessFleet;
  readonly #running = new Map<string, number>();
  #runningInAll = 0;

  constructor(cloud: Cloud, store: FunctionStore, fleet: ProcessFleet) {
    this.#cloud = cloud;
    this.#store = store;
    this.#fleet = fleet;
  }

  /**
   * Runs one event and waits for its result.
   *
   * @throws AwsError ResourceNotFoundException, or TooManyRequestsException without a place for it
   */
  async invoke(
    request: InvokeRequest,
  ): Promise<{ readonly revision: FunctionRevision; readonly result: InvocationResult }> {
    const revision = this.#store.revision(request.reference);
    const { reservedConcurrency } = this.#store.get(request.reference.name);
    this.#enter(request.reference.name, reservedConcurrency);
    try {
      const { payload, requestId, clientContext, wantsLog } = request;
      const invokedArn = functionArn(this.#cloud, request.reference);
      const traceId = request.traceId ?? newTraceId(this.#cloud.now());
      const result = await this.#fleet.invoke(
        revision,
        { requestId, invokedArn, payload, traceId, clientContext, wantsLog },
        reservedConcurrency,
      );
      return { revision, result };
    } finally {
      this.#leave(request.reference.name);
    }
  }

  #enter(name: string, reserved: number | undefined): void {
    const running = this.#running.get(name) ?? 0;
    if (reserved !== undefined && running >= reserved) {
      throw tooMany('ReservedFunctionConcurrentInvocationLimitExceeded');
    }
    if (this.#runningInAll >= ACCOUNT_CONCURRENCY)
      throw tooMany('ConcurrentInvocationLimitExceeded');
    this.#running.set(name, running + 1);
    this.#runningInAll += 1;
  }

  #leave(name: string): void {
    this.#running.set(name, (this.#running.get(name) ?? 1) - 1);
    this.#runningInAll -= 1;
  }
}

const tooMany = (reason: string): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Type: 'User', Reason: reason });

/** An X-Ray header that asks for no trace. */
function newTraceId(now: number): string {
  const seconds = Math.floor(now / 1000).toString(16);
  const random = randomBytes(20).toString('hex');
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`;
}
