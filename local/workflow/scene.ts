import type { QueryLanguage, State } from './definition.ts';
import type { EventDraft } from './history.ts';
import type { Data, Json, JsonObject } from './json.ts';
import type { Bindings, StatesVariable } from './jsonata.ts';
import type { PathSources } from './json-path-query.ts';
import type { RunningTask, Thread } from './thread.ts';

/** What is fixed about an execution when it starts. */
export interface ExecutionFacts {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly input: Data;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly region: string;
}

/** What a state sees while it is evaluated. */
export class Scene<Kind extends State = State> {
  readonly facts: ExecutionFacts;
  readonly thread: Thread;
  readonly state: Kind;
  readonly language: QueryLanguage;
  /** Milliseconds since the epoch at which this evaluation began. */
  readonly now: number;
  /** The token of the task that is about to be scheduled, for `$states.context.Task.Token`. */
  token: string | undefined;

  constructor(facts: ExecutionFacts, thread: Thread, now: number) {
    this.facts = facts;
    this.thread = thread;
    this.state = thread.state as Kind;
    this.language = thread.stateLanguage;
    this.now = now;
  }

  /** True for the JSONata query language. */
  get jsonata(): boolean {
    return this.language === 'JSONata';
  }

  /** An event of this branch. */
  draft(type: string, parts: Omit<EventDraft, 'thread' | 'type'> = {}): EventDraft {
    return { thread: this.thread.path, type, ...parts };
  }

  /** The context object: `$states.context` in JSONata, `$$` in JSONPath. */
  context(item?: { readonly index: number; readonly value: Json }): JsonObject {
    const { facts, thread, state } = this;
    const counts = state.Type === 'Task' || state.Type === 'Map' || state.Type === 'Parallel';
    const mapItem = item ?? iterationOf(thread);
    const token = this.token ?? thread.task?.token;
    return {
      Execution: {
        Id: facts.executionArn,
        Input: facts.input.value,
        StartTime: new Date(facts.startedAt).toISOString(),
        Name: facts.name,
        RoleArn: facts.roleArn,
        RedriveCount: 0,
      },
      StateMachine: { Id: facts.stateMachineArn, Name: facts.stateMachineName },
      State: {
        Name: thread.stateName,
        EnteredTime: new Date(thread.enteredAt).toISOString(),
        ...(counts ? { RetryCount: thread.retryCount } : {}),
      },
      ...(token === undefined ? {} : { Task: { Token: token } }),
      ...(mapItem ? { Map: { Item: { Index: mapItem.index, Value: mapItem.value } } } : {}),
    };
  }

  /** What JSONata expressions of this state may name. */
  bindings(extra: Partial<StatesVariable> = {}): Bindings {
    const states: StatesVariable = {
      input: this.thread.input.value,
      context: this.context(),
      ...extra,
    };
    return Object.assign(Object.create(this.thread.variables) as Record<string, unknown>, {
      states,
    });
  }

  /** What JSONPaths of this state read from, with `data` as `$`. */
  sources(data: Json, context: JsonObject = this.context()): PathSources {
    return { data, context, variables: this.thread.variables };
  }
}

/** What a kind of state does; each answer is the list of events that happen next, none to wait. */
export interface StateKind {
  /** Begins the state's work, also after each retry. */
  enter(scene: Scene): EventDraft[] | Promise<EventDraft[]>;
  /** Goes on when the work of a Task, Map, Parallel or Wait is done. */
  finish?(scene: Scene): EventDraft[] | Promise<EventDraft[]>;
  /** Starts further branches, or ends the work when all have ended. */
  spread?(scene: Scene): EventDraft[] | Promise<EventDraft[]>;
}

/** A task for the services to carry out. */
export interface TaskCall {
  readonly facts: ExecutionFacts;
  readonly thread: string;
  readonly task: RunningTask;
}

function iterationOf(thread: Thread): { index: number; value: Json } | undefined {
  for (let at: Thread | undefined = thread; at; at = at.parent) {
    if (at.parent?.fan?.kind === 'map' && at.item !== undefined)
      return { index: at.index, value: at.item };
  }
  return undefined;
}
