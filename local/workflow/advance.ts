import { choice } from './choice.ts';
import type { State, TaskState } from './definition.ts';
import { DeclaredFailure, fail } from './fail.ts';
import type { EventDraft } from './history.ts';
import { endOfThread } from './leave-state.ts';
import { map } from './map.ts';
import { parallel } from './parallel.ts';
import { pass } from './pass.ts';
import { evaluationFailed, placed, recoverFromFailure } from './recover-from-failure.ts';
import { Scene, type ExecutionFacts, type StateKind } from './scene.ts';
import { runtimeFailure, StateFailure, type Failure } from './state-failure.ts';
import { succeed } from './succeed.ts';
import { started, task } from './task.ts';
import type { Thread } from './thread.ts';
import { wait } from './wait.ts';

const KINDS: Readonly<Record<State['Type'], StateKind>> = {
  Pass: pass,
  Task: task,
  Choice: choice,
  Wait: wait,
  Succeed: succeed,
  Fail: fail,
  Parallel: parallel,
  Map: map,
};

/** Whether a thread has something to do now, rather than to wait for. */
export function canAdvance(thread: Thread, now: number): boolean {
  if (thread.phase === 'waiting' || thread.phase === 'backoff') return thread.due <= now;
  return !thread.taskIsOut && thread.phase !== 'closed';
}

/** The events that happen next in a thread; none when it waits for something. */
export async function advance(
  facts: ExecutionFacts,
  thread: Thread,
  now: number,
): Promise<EventDraft[]> {
  const scene = new Scene(facts, thread, now);
  try {
    return await nextEvents(scene);
  } catch (error) {
    if (error instanceof DeclaredFailure) return recoverFromFailure(scene, error.failure);
    const failure = error instanceof StateFailure ? error : runtimeFailure(messageOf(error));
    const told = placed(scene, failure);
    return [
      ...evaluationFailed(scene, told, failure.location),
      ...(await recoverFromFailure(scene, told)),
    ];
  }
}

function nextEvents(scene: Scene): EventDraft[] | Promise<EventDraft[]> {
  const { thread, state } = scene;
  const kind = KINDS[state.Type];

  switch (thread.phase) {
    case 'ready':
      return [
        scene.draft(`${state.Type}StateEntered`, {
          data: thread.input,
          details: { name: thread.stateName },
        }),
      ];
    case 'entered':
    case 'backoff':
      return kind.enter(scene);
    case 'scheduled':
      return [started(scene as Scene<TaskState>)];
    case 'waiting':
    case 'succeeded':
      return finish(kind, scene);
    case 'fanned':
      return spread(kind, scene);
    case 'failed':
      return recoverFromFailure(scene, thread.failure as Failure);
    case 'ended':
      return endOfThread(thread, thread.input);
    default:
      return [];
  }
}

function finish(kind: StateKind, scene: Scene) {
  return kind.finish?.(scene) ?? [];
}

function spread(kind: StateKind, scene: Scene) {
  return kind.spread?.(scene) ?? [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
