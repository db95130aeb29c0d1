import type { MapState, ParallelState, StateMachineDefinition, StateScope } from './definition.ts';
import { ENDINGS, isPassedOver, type HistoryEvent } from './history.ts';
import { Data, type Json, type JsonObject } from './json.ts';
import { Thread, type Fan } from './thread.ts';

/**
 * Where an execution stands, made from its events alone: the same code follows a running execution
 * and reads one back after a restart.
 */
export class Progress {
  readonly definition: StateMachineDefinition;
  readonly threads = new Map<string, Thread>();
  readonly root: Thread;
  /** The last event's `seq`, and the last id that AWS shows. */
  seq = 0;
  lastId = 0;
  ended = false;

  constructor(definition: StateMachineDefinition) {
    this.definition = definition;
    this.root = new Thread({ path: '', scope: definition, input: Data.of({}) });
    this.threads.set('', this.root);
  }

  /** Takes in an event; gives the threads that may now go on. */
  apply(event: HistoryEvent): Thread[] {
    this.seq = event.seq;
    if (event.id !== null) this.lastId = event.id;
    if (event.type in ENDINGS) {
      this.ended = true;
      this.#close(this.root);
      return [];
    }
    const thread = this.threads.get(event.thread) ?? this.#begin(event);
    reduce(this, thread, event);
    if (event.id !== null && !isPassedOver(event.type)) thread.lastEventId = event.id;
    return thread.parent && thread.phase === 'closed'
      ? [thread.parent]
      : [thread, ...thread.children];
  }

  /** Makes the thread of a Map's iteration. */
  #begin(event: HistoryEvent): Thread {
    const [, parentPath = '', index = '0'] = /^(.*)\/\d+\.(\d+)$/.exec(event.thread) ?? [];
    const parent = this.threads.get(parentPath);
    const fan = parent?.fan;
    if (!parent || !fan) throw new Error(`There is no branch ${event.thread}.`);
    fan.begun += 1;
    return this.addBranch(
      parent,
      fan,
      Number(index),
      processorOf(parent.state as MapState),
      event.data,
    );
  }

  addBranch(
    parent: Thread,
    fan: Fan,
    index: number,
    scope: StateScope,
    input = Data.of({}),
  ): Thread {
    const item = fan.kind === 'map' ? fan.items[index] : parent.item;
    const path = `${parent.path}/${fan.seq}.${index}`;
    const language = parent.language;
    const branch = new Thread({
      path,
      parent,
      index,
      scope,
      input,
      language,
      ...(item === undefined ? {} : { item }),
    });
    branch.lastEventId = parent.lastEventId;
    this.threads.set(path, branch);
    return branch;
  }

  closeBranches(thread: Thread): void {
    for (const child of thread.children) this.#close(child);
    thread.children.clear();
  }

  closeBranch(thread: Thread): void {
    this.#close(thread);
    thread.parent?.children.delete(thread);
  }

  #close(thread: Thread): void {
    this.closeBranches(thread);
    thread.phase = 'closed';
    thread.task = undefined;
    this.threads.delete(thread.path);
  }
}

/** The states that a Map runs for each item. */
export function processorOf(state: MapState): StateScope {
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) throw new Error('A Map state needs an ItemProcessor.');
  return processor;
}

type Reducer = (progress: Progress, thread: Thread, event: HistoryEvent) => void;

function reduce(progress: Progress, thread: Thread, event: HistoryEvent): void {
  const { type } = event;
  if (type.endsWith('StateEntered')) return enter(thread, event);
  if (type.endsWith('StateExited')) return exit(progress, thread, event);
  REDUCERS[type]?.(progress, thread, event);
}

function enter(thread: Thread, event: HistoryEvent): void {
  thread.phase = 'entered';
  thread.stateName = (event.details?.['name'] as string | undefined) ?? thread.stateName;
  thread.input = event.data ?? Data.of({});
  thread.enteredId = event.id ?? 0;
  thread.enteredAt = event.at;
  thread.retriesOf = [];
  thread.retryCount = 0;
  clearWork(thread);
}

function exit(progress: Progress, thread: Thread, event: HistoryEvent): void {
  const assigned = event.extra?.['assigned'] as JsonObject | undefined;
  for (const [name, value] of Object.entries(assigned ?? {})) thread.variables[name] = value;
  clearWork(thread);
  progress.closeBranches(thread);
  thread.input = event.data ?? Data.of({});
  const next = event.extra?.['next'] as string | undefined;
  if (next !== undefined) {
    thread.phase = 'ready';
    thread.stateName = next;
    return;
  }
  thread.phase = 'ended';
  const fan = thread.parent?.fan;
  if (fan?.kind !== 'parallel') return;
  fan.results[thread.index] = thread.input.value;
  fan.succeeded += 1;
  progress.closeBranch(thread);
}

function clearWork(thread: Thread): void {
  thread.task = undefined;
  thread.fan = undefined;
  thread.result = undefined;
  thread.failure = undefined;
}

const schedule: Reducer = (_, thread, event) => {
  const { details = {}, extra = {} } = event;
  thread.phase = 'scheduled';
  thread.task = {
    seq: event.seq,
    resourceType: (details['resourceType'] as string | undefined) ?? 'lambda-arn',
    resource: details['resource'] as string,
    parameters: event.data ?? Data.of({}),
    token: extra['token'] as string | undefined,
    roleArn: extra['roleArn'] as string | undefined,
    timeoutAt: extra['timeoutAt'] as number | undefined,
    heartbeatSeconds: details['heartbeatInSeconds'] as number | undefined,
    heartbeatAt: extra['heartbeatAt'] as number | undefined,
  };
};

const start: Reducer = (_, thread) => {
  thread.phase = 'started';
};

const succeed: Reducer = (_, thread, event) => {
  thread.phase = 'succeeded';
  thread.task = undefined;
  thread.result = event.data ?? Data.of(null);
};

const fail: Reducer = (progress, thread, event) => {
  progress.closeBranches(thread);
  thread.phase = 'failed';
  thread.task = undefined;
  thread.fan = undefined;
  const { error, cause, heartbeat } = { ...event.extra, ...event.details } as Record<
    string,
    Json | undefined
  >;
  thread.failure = {
    ...(error === undefined ? {} : { error: error as string }),
    ...(cause === undefined ? {} : { cause: cause as string }),
    ...(heartbeat === true ? { heartbeat } : {}),
  };
};

const later: Reducer = (_, thread, event) => {
  thread.due = event.extra?.['due'] as number;
  if (event.type === 'WaitUntil') {
    thread.phase = 'waiting';
    return;
  }
  const retrier = event.extra?.['retrier'] as number;
  clearWork(thread);
  thread.phase = 'backoff';
  thread.retriesOf[retrier] = (thread.retriesOf[retrier] ?? 0) + 1;
  thread.retryCount += 1;
};

const fanOut: Reducer = (progress, thread, event) => {
  const kind = event.type === 'MapStateStarted' ? 'map' : 'parallel';
  const extra = event.extra ?? {};
  thread.phase = 'fanned';
  const fan: Fan = {
    kind,
    seq: event.seq,
    items: kind === 'map' ? (event.data?.value as Json[]) : [],
    results: [],
    begun: 0,
    succeeded: 0,
    failures: [],
    maxConcurrency: (extra['maxConcurrency'] as number | undefined) ?? 0,
    toleratedCount: extra['toleratedCount'] as number | undefined,
    toleratedPercentage: extra['toleratedPercentage'] as number | undefined,
  };
  thread.fan = fan;
  if (kind === 'map') return;
  for (const [index, branch] of (thread.state as ParallelState).Branches.entries()) {
    fan.begun += 1;
    progress.addBranch(thread, fan, index, branch, event.data).lastEventId = event.id ?? 0;
  }
};

const endIteration: Reducer = (progress, thread, event) => {
  const { parent } = thread;
  const fan = parent?.fan;
  if (!parent || !fan) return;
  if (event.type === 'MapIterationSucceeded') {
    fan.results[thread.index] = thread.input.value;
    fan.succeeded += 1;
    parent.lastEventId = event.id ?? parent.lastEventId;
  } else if (event.type === 'MapIterationFailed') {
    fan.failures.push(event.extra ?? {});
    parent.lastEventId = event.prev;
  }
  progress.closeBranch(thread);
};

const REDUCERS: Readonly<Record<string, Reducer>> = {
  ExecutionStarted: (progress, thread, event) => {
    thread.input = event.data ?? Data.of({});
    thread.phase = 'ready';
  },
  WaitUntil: later,
  RetryLater: later,
  HeartbeatReceived: (_, thread, event) => {
    if (thread.task) thread.task.heartbeatAt = event.extra?.['heartbeatAt'] as number;
  },
  TaskScheduled: schedule,
  LambdaFunctionScheduled: schedule,
  TaskStarted: start,
  LambdaFunctionStarted: start,
  TaskSubmitted: (_, thread, event) => {
    thread.phase = 'submitted';
    if (thread.task && event.data) thread.task.submitted = event.data;
  },
  TaskSucceeded: succeed,
  LambdaFunctionSucceeded: succeed,
  MapStateSucceeded: succeed,
  ParallelStateSucceeded: succeed,
  TaskFailed: fail,
  TaskTimedOut: fail,
  TaskSubmitFailed: fail,
  LambdaFunctionFailed: fail,
  LambdaFunctionTimedOut: fail,
  EvaluationFailed: fail,
  MapStateFailed: fail,
  ParallelStateFailed: fail,
  MapStateStarted: fanOut,
  ParallelStateStarted: fanOut,
  MapIterationStarted: () => undefined,
  MapIterationSucceeded: endIteration,
  MapIterationFailed: endIteration,
  MapIterationAborted: endIteration,
};
