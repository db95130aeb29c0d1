import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Cloud } from '#local/kernel/cloud.ts';
import { killGroup } from '#local/kernel/children.ts';
import type { FunctionRevision } from '../function-settings.ts';
import {
  failure,
  type InvocationResult,
  type PendingInvocation,
  type ProcessSurroundings,
} from './invocation.ts';
import { InvocationLog } from './invocation-log.ts';
import {
  CREDENTIAL_RESERVE_MS,
  CREDENTIAL_SECONDS,
  processArguments,
  processEnvironment,
} from './process-environment.ts';

/** `settling`: has answered and not yet asked for the next event. */
export type ProcessState = 'starting' | 'idle' | 'busy' | 'settling' | 'gone';

/** Whom a process tells what happens to it. */
export interface ProcessOwner {
  /** It waits for an event. */
  ready(process: FunctionProcess): void;
  answered(process: FunctionProcess): void;
  /** It has ended. @param initFailure what to answer an event that waited for its start */
  gone(process: FunctionProcess, initFailure?: InvocationResult): void;
}

/** What the function answers at most, in bytes: 6 MB and 100. */
const MAX_RESPONSE_BYTES = 6_291_556;

/** One operating system process of a function, which handles one event at a time. */
export class FunctionProcess {
  /** The first part of the path under which this process alone reaches the Runtime API. */
  readonly secret = randomBytes(24).toString('base64url');
  readonly revision: FunctionRevision;
  /** Settles when the process has ended and all that it printed is in its log. */
  readonly closed: Promise<void>;
  state: ProcessState = 'starting';
  /** `performance.now()` when it last became idle. */
  idleSince = 0;
  readonly #cloud: Cloud;
  readonly #owner: ProcessOwner;
  readonly #child: ChildProcess;
  readonly #log: InvocationLog;
  readonly #startedAt = performance.now();
  readonly #usableUntil: number;
  #initMs: number | undefined;
  #initFailure: InvocationResult | undefined;
  #poll: ServerResponse | undefined;
  #pending: PendingInvocation | undefined;
  #dispatchedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #report: (() => void) | undefined;

  constructor(
    cloud: Cloud,
    revision: FunctionRevision,
    owner: ProcessOwner,
    around: ProcessSurroundings,
  ) {
    this.#cloud = cloud;
    this.revision = revision;
    this.#owner = owner;
    this.#log = new InvocationLog(cloud, revision);
    this.#usableUntil = Date.now() + CREDENTIAL_SECONDS * 1000 - CREDENTIAL_RESERVE_MS;
    const codePath = around.codePath(revision);
    this.#child = cloud.children.start(
      `function ${revision.functionName}`,
      process.execPath,
      processArguments(cloud, revision.settings),
      {
        cwd: codePath,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: processEnvironment(cloud, revision, {
          codePath,
          runtimeApi: `${around.runtimeApi}/${this.secret}`,
          logStream: this.#log.stream,
        }),
      },
    );
    if (this.#child.stdout) this.#log.follow(this.#child.stdout);
    if (this.#child.stderr) this.#log.follow(this.#child.stderr);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.once('error', (error) => this.#ended(`error: ${error.message}`));
    this.#child.once('exit', (code, signal) => this.#ended(exitReason(code, signal)));
    this.closed = new Promise((resolve) => {
      this.#child.once('close', () => void this.#log.close().then(resolve));
    });
    const seconds = revision.settings.timeoutSeconds;
    this.#timer = setTimeout(() => this.#initTimedOut(), around.initMs + seconds * 1000);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False once the credentials in its environment are about to expire. */
  get isFresh(): boolean {
    return Date.now() < this.#usableUntil;
  }

  /** Hands an event to the process, which must be idle. */
  dispatch(pending: PendingInvocation): void {
    const poll = this.#poll;
    if (!poll || this.state !== 'idle') throw new Error(`the process is ${this.state}`);
    this.#flushReport();
    this.#poll = undefined;
    this.#pending = pending;
    this.state = 'busy';
    const { invocation } = pending;
    const timeoutMs = this.revision.settings.timeoutSeconds * 1000;
    this.#log.started(invocation.requestId, this.revision.version);
    this.#dispatchedAt = performance.now();
    this.#timer = setTimeout(() => this.#timedOut(), timeoutMs);
    poll.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(invocation.payload),
      'lambda-runtime-aws-request-id': invocation.requestId,
      // By the machine's own clock, which the handler reads too.
      'lambda-runtime-deadline-ms': Date.now() + timeoutMs,
      'lambda-runtime-invoked-function-arn': invocation.invokedArn,
      'lambda-runtime-trace-id': invocation.traceId,
      ...(invocation.clientContext && {
        'lambda-runtime-client-context': invocation.clientContext,
      }),
    });
    poll.end(invocation.payload);
  }

  /** The process asks for its next event; `response` is answered when there is one. */
  next(response: ServerResponse): void {
    if (this.state === 'gone') return;
    if (this.state === 'starting') {
      clearTimeout(this.#timer);
      this.#initMs = performance.now() - this.#startedAt;
    }
    this.#poll = response;
    this.state = 'idle';
    this.idleSince = performance.now();
    this.#owner.ready(this);
  }

  /** The process answers. @returns false when it is not handling that event */
  answer(requestId: string, failed: boolean, body: Buffer): boolean {
    if (this.#pending?.invocation.requestId !== requestId) return false;
    if (body.length > MAX_RESPONSE_BYTES) {
      const limit = `(${MAX_RESPONSE_BYTES} bytes).`;
      const message = `Response payload size exceeded maximum allowed payload size ${limit}`;
      this.#settle(failure('Function.ResponseSizeTooLarge', message));
    } else {
      this.#settle({ failed, payload: body.toString('utf8') }, failed ? 'error' : undefined);
    }
    return true;
  }

  /** The process could not load its handler; it ends by itself. */
  initFailed(body: Buffer): void {
    this.#initFailure = { failed: true, payload: body.toString('utf8') };
  }

  /** Ends the process at once; an event that it has at hand fails. */
  kill(): void {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
  }

  /** Gives up what a process that outlived its group may still print. */
  closeLog(): Promise<void> {
    return this.#log.close();
  }

  /** Ends the process; an event that it has at hand gets no result. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#pending = undefined;
    this.kill();
  }

  #settle(result: InvocationResult, status?: string): void {
    const pending = this.#pending;
    if (!pending) return;
    const durationMs = performance.now() - this.#dispatchedAt;
    clearTimeout(this.#timer);
    this.#pending = undefined;
    if (this.state === 'busy') this.state = 'settling';
    const { requestId, wantsLog } = pending.invocation;
    const initMs = this.#initMs;
    this.#initMs = undefined;
    // A process that is killed next is gone when its report is written.
    const early = status === 'timeout' ? this.#usedMb() : undefined;
    const { memoryMb } = this.revision.settings;
    this.#report = () => {
      const usedMb = early ?? this.#usedMb();
      const report = { requestId, durationMs, initMs, memoryMb, usedMb, status };
      const logTail = this.#log.reported(report);
      if (wantsLog) pending.settle({ ...result, logTail });
    };
    // What the handler printed is in the pipe by now; it is read before the next turn.
    setImmediate(() => this.#flushReport());
    if (!wantsLog) pending.settle(result);
    this.#owner.answered(this);
  }

  #flushReport(): void {
    const report = this.#report;
    this.#report = undefined;
    report?.();
  }

  #timedOut(): void {
    const seconds = this.revision.settings.timeoutSeconds.toFixed(2);
    const message = `Error: Task timed out after ${seconds} seconds`;
    const requestId = this.#pending?.invocation.requestId ?? '';
    this.#settle(failure('Sandbox.Timedout', `RequestId: ${requestId} ${message}`), 'timeout');
    this.kill();
  }

  #initTimedOut(): void {
    const seconds = this.revision.settings.timeoutSeconds.toFixed(2);
    const message = `Error: Task timed out after ${seconds} seconds`;
    this.#initFailure = failure('Sandbox.Timedout', message);
    this.kill();
  }

  #ended(reason: string): void {
    if (this.state === 'gone') return;
    const wasStarting = this.state === 'starting';
    this.state = 'gone';
    clearTimeout(this.#timer);
    const requestId = this.#pending?.invocation.requestId;
    const exit = failure(
      'Runtime.ExitError',
      `${requestId === undefined ? '' : `RequestId: ${requestId} `}Error: Runtime exited ${reason}`,
    );
    this.#settle(exit, 'error');
    this.#owner.gone(this, wasStarting ? (this.#initFailure ?? exit) : undefined);
  }

  /** The most memory that the process has held, as the kernel counts it. */
  #usedMb(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Math.ceil(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      return 0;
    }
  }
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGABRT') return 'with error: signal: aborted';
  if (signal !== null) return 'with error: signal: killed';
  return code === 0 ? 'without providing a reason' : `with error: exit status ${code}`;
}
