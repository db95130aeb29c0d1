import type { Data, JsonObject } from './json.ts';

/** An event that a state wants to happen; the execution numbers it when it commits. */
export interface EventDraft {
  /** The branch it belongs to: '' for the execution itself. */
  readonly thread: string;
  readonly type: string;
  /** The input, output or parameters that the event tells. */
  readonly data?: Data;
  /** What AWS shows of the event besides the data. */
  readonly details?: JsonObject;
  /** What only the interpreter needs to go on from here after a restart. */
  readonly extra?: JsonObject;
}

/** An event of an execution's history, in the order in which it became durable. */
export interface HistoryEvent extends EventDraft {
  /** Counts all events, also those that AWS does not show. */
  readonly seq: number;
  /** AWS's event id; null for an event that AWS does not show. */
  readonly id: number | null;
  /** AWS's previousEventId. */
  readonly prev: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Events that keep due times; AWS keeps them elsewhere and does not show them. */
const HIDDEN: ReadonlySet<string> = new Set(['WaitUntil', 'RetryLater', 'HeartbeatReceived']);

export const isHidden = (type: string): boolean => HIDDEN.has(type);

/** Events after which the next event of the branch still names an older one as its previous event. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'ExecutionStarted',
  'MapStateSucceeded',
  'ParallelStateSucceeded',
]);

export const isPassedOver = (type: string): boolean => PASSED_OVER.has(type) || HIDDEN.has(type);

/** The events that end an execution, with the status that they leave. */
export const ENDINGS: Readonly<Record<string, 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT'>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
};

/** The most events that AWS keeps of one execution; at this number it fails. */
export const MAX_EVENTS = 25_000;
