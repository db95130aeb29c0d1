import type { QueryLanguage, State, StateScope } from './definition.ts';
import type { Data } from './json.ts';
import { type Json } from './json.ts';
import { ROOT_BINDINGS } from './jsonata.ts';
import type { Failure } from './state-failure.ts';

/**
 * Where a branch stands: `ready` to enter its next state; `entered` it; its task `scheduled`,
 * `started` or `submitted`; `waiting` for a time; in `backoff` before a retry; `fanned` out into
 * branches; its work `succeeded` or `failed`; its last state `ended`; `closed`.
 */
export type Phase =
  | 'ready'
  | 'entered'
  | 'scheduled'
  | 'started'
  | 'submitted'
  | 'waiting'
  | 'backoff'
  | 'fanned'
  | 'succeeded'
  | 'failed'
  | 'ended'
  | 'closed';

/** A task that went out and has no result yet. */
export interface RunningTask {
  /** The `seq` of the event that scheduled it: tells a late result from a present one. */
  readonly seq: number;
  /** A Lambda function's ARN as Resource, or `lambda`, `sqs`, `aws-sdk:kms`, … */
  readonly resourceType: string;
  /** Such as `invoke.waitForTaskToken`. */
  readonly resource: string;
  readonly parameters: Data;
  readonly token: string | undefined;
  readonly roleArn: string | undefined;
  readonly timeoutAt: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  heartbeatAt: number | undefined;
  /** What the service answered when it took on the work (`.sync` and `.waitForTaskToken`). */
  submitted?: Data;
}

/** The branches of a Map or Parallel state that is under way. */
export interface Fan {
  readonly kind: 'map' | 'parallel';
  /** The `seq` of the event that began it; branch paths carry it, so that a retry has new ones. */
  readonly seq: number;
  readonly items: readonly Json[];
  readonly results: Json[];
  /** How many branches have begun, ended well, and failed. */
  begun: number;
  succeeded: number;
  failures: Failure[];
  readonly maxConcurrency: number;
  readonly toleratedCount: number | undefined;
  readonly toleratedPercentage: number | undefined;
}

/** A line of states that run one after the other: the execution itself, a branch or an iteration. */
export class Thread {
  /** '' for the execution; `<parent>/<seq of its beginning>.<index>` for a branch. */
  readonly path: string;
  readonly parent: Thread | undefined;
  readonly index: number;
  readonly scope: StateScope;
  readonly language: QueryLanguage;
  /** The variables of this scope; those of outer scopes are its prototype. */
  readonly variables: Record<string, unknown>;
  /** The item that a Map's iteration is about. */
  readonly item: Json | undefined;
  readonly children = new Set<Thread>();
  phase: Phase = 'ready';
  lastEventId = 0;
  /** The state to enter, or the one that it is in. */
  stateName: string;
  /** Its input as it came. */
  input: Data;
  enteredId = 0;
  enteredAt = 0;
  /** Retries so far, per retrier and in all. */
  retriesOf: number[] = [];
  retryCount = 0;
  /** When a wait or a back-off ends, in milliseconds since the epoch. */
  due = 0;
  task: RunningTask | undefined;
  fan: Fan | undefined;
  result: Data | undefined;
  failure: (Failure & { readonly heartbeat?: boolean }) | undefined;

  constructor(options: {
    path: string;
    scope: StateScope;
    input: Data;
    language?: QueryLanguage;
    parent?: Thread;
    index?: number;
    item?: Json;
  }) {
    this.path = options.path;
    this.parent = options.parent;
    this.index = options.index ?? 0;
    this.scope = options.scope;
    this.item = options.item;
    this.input = options.input;
    this.stateName = options.scope.StartAt;
    this.language = options.scope.QueryLanguage ?? options.language ?? 'JSONPath';
    this.variables = Object.create(options.parent?.variables ?? ROOT_BINDINGS) as Record<
      string,
      unknown
    >;
    options.parent?.children.add(this);
  }

  /** The definition of the state that it is in, or is to enter. */
  get state(): State {
    const state = this.scope.States[this.stateName];
    if (!state) throw new Error(`There is no state '${this.stateName}'.`);
    return state;
  }

  /** The query language of the present state. */
  get stateLanguage(): QueryLanguage {
    return this.state.QueryLanguage ?? this.language;
  }

  get taskIsOut(): boolean {
    return this.phase === 'started' || this.phase === 'submitted';
  }
}
