import type { Retrier } from './definition.ts';
import type { EventDraft } from './history.ts';
import type { JsonObject } from './json.ts';
import { leave } from './leave-state.ts';
import type { Scene } from './scene.ts';
import { StateFailure, type Failure } from './state-failure.ts';

type StateFailed = Failure & { readonly heartbeat?: boolean };

/** Errors that `States.ALL` does not match. */
const NEVER_MATCHED_BY_ALL: ReadonlySet<string> = new Set(['States.Runtime']);
const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BACKOFF_RATE = 2;
/** The longest interval between two attempts where MaxDelaySeconds is not given: AWS's own limit. */
const MAX_INTERVAL_SECONDS = 31_622_400;

/** What follows a failure: a retry, a Catch's transition, or the failure of the branch. */
export async function recoverFromFailure(
  scene: Scene,
  failure: StateFailed,
): Promise<EventDraft[]> {
  const retry = retryOf(scene, failure);
  if (retry) return [retry];
  const catcher = scene.state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, failure));
  if (!catcher) return failBranch(scene, failure);
  const errorOutput: JsonObject = { Error: failure.error ?? '', Cause: failure.cause ?? '' };
  try {
    return await leave(scene, { next: catcher.Next, errorOutput, by: catcher });
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    const inCatch = placed(scene, error);
    return [...evaluationFailed(scene, inCatch, error.location), ...failBranch(scene, inCatch)];
  }
}

/** A failure with the place where it happened, in AWS's words. */
export function placed({ thread }: Scene, failure: StateFailure): Failure {
  if (failure.error === 'States.DataLimitExceeded')
    return { error: failure.error, cause: failure.cause };
  return {
    error: failure.error,
    cause: `An error occurred while executing the state '${thread.stateName}' (entered at the event id #${thread.enteredId}). ${failure.cause}`,
  };
}

/** The event that tells of a JSONata expression that failed. */
export function evaluationFailed(
  scene: Scene,
  failure: Failure,
  location: string | undefined,
): EventDraft[] {
  if (failure.error !== 'States.QueryEvaluationError') return [];
  return [
    scene.draft('EvaluationFailed', {
      details: {
        cause: failure.cause ?? '',
        error: failure.error,
        ...(location === undefined ? {} : { location }),
        state: scene.thread.stateName,
      },
    }),
  ];
}

/** Whether an ErrorEquals list names a failure. */
export function matches(names: readonly string[], { error, heartbeat }: StateFailed): boolean {
  return names.some((name) => {
    if (name === error) return true;
    if (name === 'States.ALL') return error === undefined || !NEVER_MATCHED_BY_ALL.has(error);
    if (name === 'States.HeartbeatTimeout') return heartbeat === true;
    if (name !== 'States.TaskFailed') return false;
    return (
      error !== 'States.Timeout' &&
      error !== 'States.HeartbeatTimeout' &&
      (error === undefined || !NEVER_MATCHED_BY_ALL.has(error))
    );
  });
}

/** The wait before the next attempt, in milliseconds; `random` is at least 0 and below 1. */
export function backoff(retrier: Retrier, retriesSoFar: number, random = Math.random): number {
  const rate = retrier.BackoffRate ?? DEFAULT_BACKOFF_RATE;
  const seconds = (retrier.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS) * rate ** retriesSoFar;
  const capped = Math.min(seconds, retrier.MaxDelaySeconds ?? MAX_INTERVAL_SECONDS);
  return Math.round((retrier.JitterStrategy === 'FULL' ? random() * capped : capped) * 1000);
}

function retryOf(scene: Scene, failure: StateFailed): EventDraft | undefined {
  const { state, thread } = scene;
  const index = state.Retry?.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure)) ?? -1;
  const retrier = state.Retry?.[index];
  if (!retrier) return undefined;
  const soFar = thread.retriesOf[index] ?? 0;
  if (soFar >= (retrier.MaxAttempts ?? DEFAULT_ATTEMPTS)) return undefined;
  return scene.draft('RetryLater', {
    extra: { retrier: index, due: scene.now + backoff(retrier, soFar) },
  });
}

function failBranch({ thread }: Scene, failure: Failure): EventDraft[] {
  const told: JsonObject = {
    ...(failure.error === undefined ? {} : { error: failure.error }),
    ...(failure.cause === undefined ? {} : { cause: failure.cause }),
  };
  const { parent } = thread;
  if (!parent) return [{ thread: '', type: 'ExecutionFailed', details: told }];
  if (parent.fan?.kind === 'parallel')
    return [{ thread: parent.path, type: 'ParallelStateFailed', extra: told }];
  return [
    {
      thread: thread.path,
      type: 'MapIterationFailed',
      details: { name: parent.stateName, index: thread.index },
      extra: told,
    },
  ];
}
