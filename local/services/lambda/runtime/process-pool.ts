import type { FunctionRevision } from '../function-settings.ts';
import type { FunctionProcess, ProcessOwner } from './function-process.ts';
import type { Invocation, InvocationResult, PendingInvocation } from './invocation.ts';

/** A busy process is waited for this long before another one is started, in milliseconds: a start
 * costs some 90 ms of processor time, most events less. */
const GROW_AFTER_MS = 15;

/** What a pool asks of the fleet that it belongs to. */
export interface PoolSupplier {
  /** Starts a process, or refuses because the machine holds enough of them. */
  start(pool: ProcessPool): FunctionProcess | undefined;
  /** A process of the pool has become free: another pool may want its place. */
  released(pool: ProcessPool): void;
  ended(pool: ProcessPool, process: FunctionProcess): void;
}

/** The processes of one revision of a function and the events that wait for them, oldest first. */
export class ProcessPool implements ProcessOwner {
  readonly revision: FunctionRevision;
  readonly #supplier: PoolSupplier;
  /** May change with the function's reserved concurrency. */
  maxProcesses: number;
  readonly #processes = new Set<FunctionProcess>();
  /** The most recently used last: the others age and are ended. */
  readonly #idle: FunctionProcess[] = [];
  #waiting: PendingInvocation[] = [];
  #retired = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(revision: FunctionRevision, supplier: PoolSupplier, maxProcesses: number) {
    this.revision = revision;
    this.#supplier = supplier;
    this.maxProcesses = maxProcesses;
  }

  get size(): number {
    return this.#processes.size;
  }

  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  get processes(): ReadonlySet<FunctionProcess> {
    return this.#processes;
  }

  /** The process that has been idle longest. */
  get longestIdle(): FunctionProcess | undefined {
    return this.#idle[0];
  }

  submit(invocation: Invocation): Promise<InvocationResult> {
    return new Promise((settle, reject) => {
      const pending = { invocation, settle, reject, queuedAt: performance.now() };
      const process = this.#takeIdle();
      if (process) {
        process.dispatch(pending);
        return;
      }
      this.#waiting.push(pending);
      this.grow();
    });
  }

  /** Starts processes for what waits, as far as the limits allow. */
  grow(): void {
    while (this.#lacks() > 0 && this.size < this.maxProcesses) {
      const waitMs = this.#patience();
      if (waitMs > 0) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.grow();
        }, waitMs);
        return;
      }
      if (!this.#start()) return;
    }
  }

  /** Takes no new events: ends its idle processes now and the others after what they have at hand. */
  retire(): void {
    this.#retired = true;
    for (const process of this.#idle.splice(0)) process.kill();
  }

  get isRetired(): boolean {
    return this.#retired;
  }

  ready(process: FunctionProcess): void {
    const pending = process.isFresh ? this.#waiting.shift() : undefined;
    if (pending) {
      process.dispatch(pending);
      return;
    }
    if (this.#retired || !process.isFresh) {
      process.kill();
      return;
    }
    this.#idle.push(process);
    this.#supplier.released(this);
  }

  answered(_process: FunctionProcess): void {
    if (this.waits) this.grow();
  }

  gone(process: FunctionProcess, initFailure?: InvocationResult): void {
    this.#processes.delete(process);
    this.#dropIdle(process);
    if (initFailure) this.#waiting.shift()?.settle(initFailure);
    this.grow();
    this.#supplier.ended(this, process);
  }

  /** Ends a process that is idle. */
  end(process: FunctionProcess): void {
    this.#dropIdle(process);
    process.kill();
  }

  /** Ends everything. What waits or runs gets no result, just as if the cloud had been killed. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#retired = true;
    this.#waiting = [];
    for (const process of this.#processes) process.abandon();
  }

  /** False when there is no place for one more process now. */
  #start(): boolean {
    try {
      const process = this.#supplier.start(this);
      if (process) this.#processes.add(process);
      return process !== undefined;
    } catch (error) {
      // No credentials: the role is gone, or may not be assumed.
      this.#waiting.shift()?.reject(error);
      return true;
    }
  }

  #takeIdle(): FunctionProcess | undefined {
    for (;;) {
      const process = this.#idle.pop();
      if (!process || (process.isFresh && process.state === 'idle')) return process;
      process.kill();
    }
  }

  #dropIdle(process: FunctionProcess): void {
    const at = this.#idle.indexOf(process);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** How many events wait for which no process is on its way. */
  #lacks(): number {
    let coming = 0;
    for (const { state } of this.#processes) {
      if (state === 'starting') coming += 1;
    }
    return this.#waiting.length - coming;
  }

  /** How long to wait for a busy process before starting one more. */
  #patience(): number {
    const head = this.#waiting[0];
    const isWarm = [...this.#processes].some(({ state }) => state !== 'starting');
    if (!head || !isWarm) return 0;
    return GROW_AFTER_MS - (performance.now() - head.queuedAt);
  }
}
