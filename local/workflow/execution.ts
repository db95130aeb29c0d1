import { setImmediate as nextTurn } from 'node:timers/promises';
import { advance, canAdvance } from './advance.ts';
import type { StateMachineDefinition } from './definition.ts';
import {
  ENDINGS,
  isHidden,
  isPassedOver,
  MAX_EVENTS,
  type EventDraft,
  type HistoryEvent,
} from './history.ts';
import type { Data } from './json.ts';
import { type JsonObject } from './json.ts';
import { dataLimit } from './leave-state.ts';
import { Progress } from './rebuild.ts';
import type { ExecutionFacts, TaskCall } from './scene.ts';
import type { Failure } from './state-failure.ts';
import type { RunningTask, Thread } from './thread.ts';

/** What an execution needs from where it runs. */
export interface Host {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Makes events durable, all or none; called before anything follows from them. */
  append(execution: Execution, events: readonly HistoryEvent[]): void;
  /** Carries out a task whose start is durable, and reports to `settle`. */
  launch(execution: Execution, call: TaskCall): void;
  /** Takes care of a task that was out when the host died: `started` without an answer, or waiting. */
  pickUp(execution: Execution, call: TaskCall): void;
  /** Calls `execution.timeUp(thread)` once the time has come. */
  wakeAt(execution: Execution, thread: string, at: number): void;
}

/** How a task ended, or that the service took it on and will end it later. */
export type TaskOutcome =
  | { readonly kind: 'succeeded' | 'submitted'; readonly output: Data }
  | ({ readonly kind: 'failed' } & Failure);

/** How many transitions may follow each other before other work gets its turn. */
const TRANSITIONS_A_TURN = 32;

/** One run of a state machine. Everything that it is follows from its events. */
export class Execution {
  readonly facts: ExecutionFacts;
  readonly progress: Progress;
  readonly #host: Host;
  readonly #ready = new Set<Thread>();
  #driving = false;
  #detached = false;

  private constructor(host: Host, facts: ExecutionFacts, definition: StateMachineDefinition) {
    this.#host = host;
    this.facts = facts;
    this.progress = new Progress(definition);
  }

  /** Starts an execution: its first events are durable when this returns. */
  static start(
    host: Host,
    facts: ExecutionFacts,
    definition: StateMachineDefinition,
    started: JsonObject = {},
  ): Execution {
    const execution = new Execution(host, facts, definition);
    const { StartAt, States } = definition;
    execution.#commit([
      { thread: '', type: 'ExecutionStarted', data: facts.input, details: started },
      {
        thread: '',
        type: `${States[StartAt]?.Type ?? 'Pass'}StateEntered`,
        data: facts.input,
        details: { name: StartAt },
      },
    ]);
    if (definition.TimeoutSeconds !== undefined) host.wakeAt(execution, '', execution.#deadline);
    return execution;
  }

  /** Goes on where the events end. */
  static resume(
    host: Host,
    facts: ExecutionFacts,
    definition: StateMachineDefinition,
    events: Iterable<HistoryEvent>,
  ): Execution {
    const execution = new Execution(host, facts, definition);
    const { progress } = execution;
    for (const event of events) progress.apply(event);
    if (progress.ended) return execution;
    if (definition.TimeoutSeconds !== undefined) host.wakeAt(execution, '', execution.#deadline);
    for (const thread of [...progress.threads.values()]) {
      execution.#ready.add(thread);
      execution.#setTimers(thread);
      if (thread.taskIsOut && thread.task) host.pickUp(execution, execution.#callOf(thread));
    }
    execution.#kick();
    return execution;
  }

  /** True while it goes on by itself; false when it waits for time, for a task, or has ended. */
  get busy(): boolean {
    return this.#driving;
  }

  get ended(): boolean {
    return this.progress.ended;
  }

  /** Ends it from outside. @returns false when it had ended before */
  stop(failure: Failure): boolean {
    if (this.ended) return false;
    this.#commit([{ thread: '', type: 'ExecutionAborted', details: { ...failure } }]);
    return true;
  }

  /** Forgets it, as when the local cloud stops: nothing more is written. */
  detach(): void {
    this.#detached = true;
  }

  /** Takes in how a task went. @returns false when nobody waits for it any more */
  settle(path: string, seq: number, outcome: TaskOutcome): boolean {
    const thread = this.progress.threads.get(path);
    const task = thread?.task;
    if (this.ended || this.#detached || !thread?.taskIsOut || task?.seq !== seq) return false;
    if (outcome.kind === 'submitted' && thread.phase === 'submitted') return false;
    this.#commit([this.#settlement(path, task, outcome)]);
    return true;
  }

  /** Notes that the worker of a task is alive. @returns false when nobody waits for it any more */
  heartbeat(path: string, seq: number): boolean {
    const thread = this.progress.threads.get(path);
    if (this.ended || !thread?.taskIsOut || thread.task?.seq !== seq) return false;
    const seconds = thread.task.heartbeatSeconds;
    if (seconds === undefined) return true;
    const heartbeatAt = this.#host.now() + seconds * 1000;
    this.#commit([{ thread: path, type: 'HeartbeatReceived', extra: { heartbeatAt } }]);
    return true;
  }

  /** Called by the host when a time that it was told has come; looks again at what is due. */
  timeUp(path: string): void {
    if (this.ended || this.#detached) return;
    const now = this.#host.now();
    if (
      path === '' &&
      this.progress.definition.TimeoutSeconds !== undefined &&
      this.#deadline <= now
    ) {
      this.#commit([
        { thread: '', type: 'ExecutionTimedOut', details: { error: 'States.Timeout' } },
      ]);
      return;
    }
    const thread = this.progress.threads.get(path);
    if (!thread) return;
    const { task } = thread;
    if (thread.taskIsOut && task) {
      const late = task.timeoutAt !== undefined && task.timeoutAt <= now;
      const silent = task.heartbeatAt !== undefined && task.heartbeatAt <= now;
      if (late || silent) return this.#timeOut(path, task, !late);
      if (task.heartbeatAt !== undefined) this.#host.wakeAt(this, path, task.heartbeatAt);
      return;
    }
    this.#ready.add(thread);
    this.#kick();
  }

  #settlement(thread: string, task: RunningTask, outcome: TaskOutcome): EventDraft {
    const { name, details } = eventOf(task);
    if (outcome.kind === 'failed') return failed(thread, `${name}Failed`, details, outcome);
    const { kind, output } = outcome;
    if (!output.tooLarge) {
      const type = kind === 'submitted' ? 'TaskSubmitted' : `${name}Succeeded`;
      return { thread, type, data: output, details };
    }
    const isFunction = task.resourceType === 'lambda-arn';
    const limit = dataLimit(isFunction ? task.resource : task.resourceType);
    return failed(thread, `${name}Failed`, details, limit);
  }

  #timeOut(thread: string, task: RunningTask, heartbeat: boolean): void {
    const { name, details } = eventOf(task);
    const event = failed(thread, `${name}TimedOut`, details, { error: 'States.Timeout' });
    this.#commit([heartbeat ? { ...event, extra: { heartbeat } } : event]);
  }

  get #deadline(): number {
    return this.facts.startedAt + (this.progress.definition.TimeoutSeconds ?? Infinity) * 1000;
  }

  #kick(): void {
    if (this.#driving || this.ended || this.#detached || this.#ready.size === 0) return;
    this.#driving = true;
    queueMicrotask(() => void this.#drive());
  }

  async #drive(): Promise<void> {
    try {
      for (let transitions = 1; !this.ended && !this.#detached; transitions += 1) {
        const thread = this.#ready.values().next().value;
        if (!thread) break;
        this.#ready.delete(thread);
        const now = this.#host.now();
        if (!canAdvance(thread, now)) continue;
        const drafts = await advance(this.facts, thread, now);
        // Meanwhile it may have been stopped, or have timed out.
        if (this.ended || this.#detached) break;
        if (drafts.length > 0) this.#commit(drafts);
        if (transitions % TRANSITIONS_A_TURN === 0) await nextTurn();
      }
    } catch (error) {
      console.error(`The execution ${this.facts.executionArn} cannot go on`, error);
      this.#detached = true;
    } finally {
      this.#driving = false;
    }
    this.#kick();
  }

  /** Numbers events, makes them durable, takes them in, and lets what follows from them happen. */
  #commit(drafts: readonly EventDraft[]): void {
    const events = this.#numbered(this.#withinLimit(drafts));
    this.#host.append(this, events);
    for (const event of events) {
      for (const thread of this.progress.apply(event)) this.#ready.add(thread);
    }
    for (const event of events) this.#follow(event);
    this.#kick();
  }

  #follow(event: HistoryEvent): void {
    const thread = this.progress.threads.get(event.thread);
    if (!thread || this.ended) return;
    const begins = event.type === 'TaskStarted' || event.type === 'LambdaFunctionStarted';
    // A heartbeat needs no timer of its own: the one that runs looks for the latest heartbeat.
    if (begins || event.type === 'WaitUntil' || event.type === 'RetryLater')
      this.#setTimers(thread);
    if (begins) this.#host.launch(this, this.#callOf(thread));
  }

  #setTimers(thread: Thread): void {
    const { task, phase, path } = thread;
    if (phase === 'waiting' || phase === 'backoff') this.#host.wakeAt(this, path, thread.due);
    if (!thread.taskIsOut || !task) return;
    if (task.timeoutAt !== undefined) this.#host.wakeAt(this, path, task.timeoutAt);
    if (task.heartbeatAt !== undefined) this.#host.wakeAt(this, path, task.heartbeatAt);
  }

  #callOf(thread: Thread): TaskCall {
    if (!thread.task) throw new Error(`No task runs in the branch ${thread.path}.`);
    return { facts: this.facts, thread: thread.path, task: thread.task };
  }

  #numbered(drafts: readonly EventDraft[]): HistoryEvent[] {
    const { progress } = this;
    const at = this.#host.now();
    const last = new Map<string, number>();
    let { seq, lastId } = progress;
    return drafts.map((draft) => {
      const { thread: path, type } = draft;
      const prev = last.get(path) ?? this.#lastIdOf(path);
      const id = isHidden(type) ? null : (lastId += 1);
      if (id !== null && !isPassedOver(type)) last.set(path, id);
      return { ...draft, seq: (seq += 1), id, prev, at };
    });
  }

  #lastIdOf(path: string): number {
    const { threads } = this.progress;
    const thread = threads.get(path) ?? threads.get(path.slice(0, path.lastIndexOf('/')));
    return thread?.lastEventId ?? 0;
  }

  #withinLimit(drafts: readonly EventDraft[]): readonly EventDraft[] {
    const ends = drafts.some(({ type }) => type in ENDINGS);
    const after = this.progress.lastId + drafts.filter(({ type }) => !isHidden(type)).length;
    if (after < MAX_EVENTS || (ends && after === MAX_EVENTS)) return drafts;
    const cause = `The execution reached the maximum number of history events (${MAX_EVENTS}).`;
    return [{ thread: '', type: 'ExecutionFailed', details: { error: 'States.Runtime', cause } }];
  }
}

/** How the events of a task are called, and what each of them tells. */
function eventOf({ resourceType, resource }: RunningTask): { name: string; details: JsonObject } {
  if (resourceType === 'lambda-arn') return { name: 'LambdaFunction', details: {} };
  return { name: 'Task', details: { resource, resourceType } };
}

function failed(
  thread: string,
  type: string,
  details: JsonObject,
  { error, cause }: Failure,
): EventDraft {
  const told = {
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
  return { thread, type, details: { ...details, ...told } };
}
