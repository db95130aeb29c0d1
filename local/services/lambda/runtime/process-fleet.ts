import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { FunctionRevision } from '../function-settings.ts';
import { FunctionProcess } from './function-process.ts';
import type { Invocation, InvocationResult, ProcessSurroundings } from './invocation.ts';
import { ProcessPool, type PoolSupplier } from './process-pool.ts';
import { RuntimeApi } from './runtime-api.ts';
import { Watchdog } from './watchdog.ts';

/** How long the output of ended processes is waited for. */
const LAST_LINES_MS = 500;

export interface FleetLimits {
  /** How many processes one revision has at most. @default twice the cores */
  readonly processesPerFunction?: number;
  /** How many processes live at once, of all functions. @default 18 */
  readonly processes?: number;
  /** How long an idle process lives beside others of its pool. @default 30 s */
  readonly idleMs?: number;
  /** How long the last idle process of a pool lives. @default 60 s */
  readonly lastIdleMs?: number;
  /** How long loading a handler may take before the function's own timeout counts. @default 10 s */
  readonly initMs?: number;
}

/** All processes of all functions, started when events need them and ended when they do not. */
export class ProcessFleet implements PoolSupplier {
  readonly #cloud: Cloud;
  readonly #codePath: ProcessSurroundings['codePath'];
  readonly #limits: Required<FleetLimits>;
  readonly #api = new RuntimeApi();
  readonly #watchdog: Watchdog;
  #around: Promise<ProcessSurroundings> | undefined;
  #surroundings: ProcessSurroundings | undefined;
  /** By function and version. */
  readonly #pools = new Map<string, ProcessPool>();
  readonly #retired = new Set<ProcessPool>();
  /** Those whose last lines are not in the log yet. */
  readonly #open = new Set<FunctionProcess>();
  #sweep: NodeJS.Timeout | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(cloud: Cloud, codePath: ProcessSurroundings['codePath'], limits: FleetLimits) {
    this.#cloud = cloud;
    this.#codePath = codePath;
    this.#watchdog = new Watchdog(cloud);
    this.#limits = {
      processesPerFunction: limits.processesPerFunction ?? 2 * availableParallelism(),
      processes: limits.processes ?? 18,
      idleMs: limits.idleMs ?? 30_000,
      lastIdleMs: limits.lastIdleMs ?? 60_000,
      initMs: limits.initMs ?? 10_000,
    };
  }

  /** How many events of one function are handled at once at most. */
  parallelism(reserved?: number): number {
    return Math.max(1, Math.min(reserved ?? Infinity, this.#limits.processesPerFunction));
  }

  /** Runs an event in a process of the revision. Never rejects for the function's own failures. */
  async invoke(
    revision: FunctionRevision,
    invocation: Invocation,
    reserved?: number,
  ): Promise<InvocationResult> {
    if (!this.#surroundings) await (this.#around ??= this.#listen());
    return this.#pool(revision, reserved).submit(invocation);
  }

  /** Ends the processes of a version that is no longer; those at work finish first. */
  retire(functionName: string, version: string): void {
    const key = `${functionName}:${version}`;
    const pool = this.#pools.get(key);
    if (!pool) return;
    this.#pools.delete(key);
    pool.retire();
    if (pool.size > 0 || pool.waits) this.#retired.add(pool);
  }

  /** Lets go of the processes that run an older state of a version. */
  retireOlder({ functionName, version, revisionId }: FunctionRevision): void {
    const pool = this.#pools.get(`${functionName}:${version}`);
    if (pool && pool.revision.revisionId !== revisionId) this.retire(functionName, version);
  }

  /** The pids of the living processes of a function. */
  pids(functionName: string): number[] {
    const pools = this.#all().filter((pool) => pool.revision.functionName === functionName);
    return pools.flatMap((pool) => [...pool.processes].flatMap(({ pid }) => pid ?? []));
  }

  start(pool: ProcessPool): FunctionProcess | undefined {
    if (!this.#surroundings) return undefined;
    // A pool without any process always gets one: else functions that call each other would wait
    // for each other.
    if (pool.size > 0 && this.#size() >= this.#limits.processes && !this.#evict()) return undefined;
    const process = new FunctionProcess(this.#cloud, pool.revision, pool, this.#surroundings);
    if (process.pid !== undefined) this.#watchdog.watch(process.pid);
    this.#api.admit(process);
    this.#open.add(process);
    void process.closed.then(() => this.#open.delete(process));
    this.#sweep ??= setInterval(() => this.#endIdle(), this.#limits.idleMs / 6).unref();
    return process;
  }

  released(pool: ProcessPool): void {
    if (pool.isRetired && pool.size === 0 && !pool.waits) this.#retired.delete(pool);
    for (const other of this.#all()) if (other.waits) other.grow();
  }

  ended(pool: ProcessPool, process: FunctionProcess): void {
    this.#api.dismiss(process);
    if (process.pid !== undefined) this.#watchdog.forget(process.pid);
    this.released(pool);
    if (this.#size() === 0) this.#whenEmpty?.();
  }

  /** Ends every process and waits until they are gone. */
  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    if (!this.#around) return;
    await this.#around;
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    for (const pool of this.#all()) pool.abandon();
    if (this.#size() > 0) await empty;
    const closed = Promise.all([...this.#open].map((process) => process.closed));
    await Promise.race([closed, sleep(LAST_LINES_MS, undefined, { ref: false })]);
    await Promise.all([...this.#open].map((process) => process.closeLog()));
    await this.#watchdog.stop();
    await this.#api.close();
  }

  #pool(revision: FunctionRevision, reserved?: number): ProcessPool {
    this.retireOlder(revision);
    const key = `${revision.functionName}:${revision.version}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new ProcessPool(revision, this, this.parallelism(reserved));
      this.#pools.set(key, pool);
    }
    pool.maxProcesses = this.parallelism(reserved);
    return pool;
  }

  #all(): ProcessPool[] {
    return [...this.#pools.values(), ...this.#retired];
  }

  #size(): number {
    return this.#all().reduce((sum, pool) => sum + pool.size, 0);
  }

  /** Ends the process that has been idle longest, of whichever function. */
  #evict(): boolean {
    const [oldest] = this.#all()
      .flatMap((pool) => (pool.longestIdle ? [{ pool, process: pool.longestIdle }] : []))
      .sort((a, b) => a.process.idleSince - b.process.idleSince);
    oldest?.pool.end(oldest.process);
    return oldest !== undefined;
  }

  #endIdle(): void {
    const now = performance.now();
    for (const pool of this.#all()) {
      let left = pool.size;
      for (let next = pool.longestIdle; next; next = pool.longestIdle) {
        const limit = left > 1 ? this.#limits.idleMs : this.#limits.lastIdleMs;
        if (now - next.idleSince < limit) break;
        pool.end(next);
        left -= 1;
      }
    }
  }

  async #listen(): Promise<ProcessSurroundings> {
    const runtimeApi = await this.#api.listen();
    const { initMs } = this.#limits;
    this.#surroundings = { runtimeApi, codePath: this.#codePath, initMs };
    return this.#surroundings;
  }
}
