import { timestampOf } from './choice-operators.ts';
import type { WaitState } from './definition.ts';
import type { Json } from './json.ts';
import { evaluateTemplate } from './jsonata.ts';
import { effectiveInput, leave } from './leave-state.ts';
import { readPath } from './payload-template.ts';
import type { Scene, StateKind } from './scene.ts';
import type { StateFailure } from './state-failure.ts';
import { queryFailure, runtimeFailure } from './state-failure.ts';

/** The longest wait, about three years: AWS's limit for the Seconds of a Wait. */
const MAX_WAIT_SECONDS = 99_999_999;

/** Waits for some seconds or until a time; the due time is kept in an event. */
export const wait: StateKind = {
  async enter(given) {
    const scene = given as Scene<WaitState>;
    const due = scene.jsonata ? await dueJsonata(scene) : dueJsonPath(scene);
    if (due - scene.now > MAX_WAIT_SECONDS * 1000) throw tooLong(scene);
    return due <= scene.now
      ? (wait.finish?.(scene) ?? [])
      : [scene.draft('WaitUntil', { extra: { due } })];
  },
  finish: (scene) => leave(scene, { next: scene.state.End ? undefined : scene.state.Next }),
};

async function dueJsonata(scene: Scene<WaitState>): Promise<number> {
  const { Seconds, Timestamp } = scene.state;
  if (Seconds !== undefined) {
    const value = await evaluateTemplate(Seconds, scene.bindings(), 'Seconds');
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw queryFailure(
        `The Seconds field must be a non-negative integer but was: ${JSON.stringify(value)}`,
        'Seconds',
      );
    }
    return scene.now + value * 1000;
  }
  const value = await evaluateTemplate(Timestamp ?? null, scene.bindings(), 'Timestamp');
  const due = millisecondsOf(value);
  if (due === undefined) {
    throw queryFailure(
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
      'Timestamp',
    );
  }
  return due;
}

function dueJsonPath(scene: Scene<WaitState>): number {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = scene.state;
  if (typeof Seconds === 'number') return scene.now + Seconds * 1000;
  if (Timestamp !== undefined)
    return millisecondsOf(Timestamp) ?? invalidTimestamp('Timestamp', Timestamp);
  const sources = scene.sources(effectiveInput(scene));
  if (SecondsPath !== undefined)
    return scene.now + secondsAt(SecondsPath, readPath(SecondsPath, 'SecondsPath', sources)) * 1000;
  const path = TimestampPath ?? '$';
  const value = readPath(path, 'TimestampPath', sources);
  return millisecondsOf(value) ?? invalidTimestamp(path, value);
}

function secondsAt(path: string, value: Json): number {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw runtimeFailure(
      `The SecondsPath parameter cannot be parsed as a long value: ${path} == ${shown}`,
    );
  }
  if (value < 0)
    throw runtimeFailure(
      `The SecondsPath parameter references a negative value: ${path} == ${shown}`,
    );
  return value;
}

function invalidTimestamp(path: string, value: Json): never {
  throw runtimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}

function millisecondsOf(value: Json): number | undefined {
  const nanoseconds = timestampOf(value);
  return nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000n);
}

function tooLong(scene: Scene): StateFailure {
  const cause = 'Wait state delay is too long.';
  return scene.jsonata ? queryFailure(cause, 'Seconds') : runtimeFailure(cause);
}
