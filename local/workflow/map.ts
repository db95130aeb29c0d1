import type { MapState } from './definition.ts';
import { typeName } from './fail.ts';
import type { EventDraft } from './history.ts';
import { Data, isObject, type Json } from './json.ts';
import { evaluateTemplate } from './jsonata.ts';
import { leave, numberField } from './leave-state.ts';
import { fillTemplate, readInput, readPath } from './payload-template.ts';
import { processorOf } from './rebuild.ts';
import { task } from './task.ts';
import type { Scene, StateKind } from './scene.ts';
import { queryFailure, runtimeFailure, type StateFailure } from './state-failure.ts';
import type { Fan } from './thread.ts';

/** The most iterations of an inline Map that AWS runs at the same time. */
const MAX_CONCURRENCY = 40;

/** Runs its processor for each item, at most MaxConcurrency at a time, and gathers the outputs. */
export const map: StateKind = {
  async enter(given) {
    const scene = given as Scene<MapState>;
    const items = await itemsOf(scene);
    const maxConcurrency = await limit(scene, 'MaxConcurrency', Number.isInteger);
    const toleratedCount = await limit(scene, 'ToleratedFailureCount', Number.isInteger);
    const toleratedPercentage = await limit(scene, 'ToleratedFailurePercentage', Number.isFinite);
    if (
      toleratedPercentage !== undefined &&
      (toleratedPercentage < 0 || toleratedPercentage > 100)
    ) {
      throw wrong(
        scene,
        'ToleratedFailurePercentage must be between 0 and 100.',
        'ToleratedFailurePercentage',
      );
    }
    return [
      scene.draft('MapStateStarted', {
        data: Data.of(items),
        details: { length: items.length },
        extra: {
          ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
          ...(toleratedCount === undefined ? {} : { toleratedCount }),
          ...(toleratedPercentage === undefined ? {} : { toleratedPercentage }),
        },
      }),
    ];
  },

  async spread(given) {
    const scene = given as Scene<MapState>;
    const { fan } = scene.thread;
    if (!fan) return [];
    if (fan.failures.length > 0 && !tolerated(fan)) return giveUp(scene, fan);
    const ended = fan.succeeded + fan.failures.length;
    if (ended === fan.items.length) {
      return [
        scene.draft('MapStateSucceeded', {
          data: Data.of(fan.items.map((_, index) => fan.results[index] ?? null)),
        }),
      ];
    }
    const atOnce = Math.min(fan.maxConcurrency || MAX_CONCURRENCY, MAX_CONCURRENCY);
    const drafts: EventDraft[] = [];
    for (let index = fan.begun; index < fan.items.length && index - ended < atOnce; index += 1) {
      drafts.push(...(await beginIteration(scene, fan, index)));
    }
    return drafts;
  },

  finish: (scene) => task.finish?.(scene) ?? leave(scene, { next: undefined }),
};

async function beginIteration(
  scene: Scene<MapState>,
  fan: Fan,
  index: number,
): Promise<EventDraft[]> {
  const { thread, state } = scene;
  const input = Data.of(await iterationInput(scene, index, fan.items[index] as Json));
  const path = `${thread.path}/${fan.seq}.${index}`;
  const { StartAt, States } = processorOf(state);
  return [
    {
      thread: path,
      type: 'MapIterationStarted',
      data: input,
      details: { name: thread.stateName, index },
    },
    {
      thread: path,
      type: `${States[StartAt]?.Type ?? 'Pass'}StateEntered`,
      data: input,
      details: { name: StartAt },
    },
  ];
}

async function iterationInput(scene: Scene<MapState>, index: number, value: Json): Promise<Json> {
  const { state } = scene;
  const selector = state.ItemSelector ?? (scene.jsonata ? undefined : state.Parameters);
  if (selector === undefined) return value;
  const context = scene.context({ index, value });
  if (scene.jsonata) return evaluateTemplate(selector, scene.bindings({ context }), 'ItemSelector');
  const input = readInput(state.InputPath, scene.sources(scene.thread.input.value, context));
  return fillTemplate(selector, scene.sources(input, context));
}

async function itemsOf(scene: Scene<MapState>): Promise<Json[]> {
  const { state, thread } = scene;
  if (!scene.jsonata) {
    const input = readInput(state.InputPath, scene.sources(thread.input.value));
    const items =
      state.ItemsPath === undefined
        ? input
        : readPath(state.ItemsPath, 'ItemsPath', scene.sources(input));
    if (Array.isArray(items)) return items;
    throw runtimeFailure(`Reference path "${state.ItemsPath ?? '$'}" must point to array.`);
  }
  const items =
    state.Items === undefined
      ? thread.input.value
      : await evaluateTemplate(state.Items, scene.bindings(), 'Items');
  if (Array.isArray(items)) return items;
  if (typeof state.Items !== 'string') {
    throw queryFailure(
      `Map state input must be an array but was: ${JSON.stringify(items)}`,
      'Items',
    );
  }
  throw queryFailure(
    `The JSONata expression '${state.Items.slice(2, -2).trim()}' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was '${typeName(items)}' for value: ${JSON.stringify(items)}`,
    'Items',
  );
}

async function limit(
  scene: Scene<MapState>,
  field: 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage',
  valid: (value: number) => boolean,
): Promise<number | undefined> {
  const value = await numberField(scene, field);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && valid(value)) return value;
  const kind = field === 'ToleratedFailurePercentage' ? 'float' : 'integer';
  const path = (scene.state as unknown as Record<string, string>)[`${field}Path`] ?? '';
  const shown = isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
  throw wrong(
    scene,
    `The ${field}Path field refers to value "${shown}" which is not a valid ${kind}: ${path}`,
    field,
  );
}

function wrong(scene: Scene, cause: string, field: string): StateFailure {
  return scene.jsonata ? queryFailure(cause, field) : runtimeFailure(cause);
}

function tolerated(fan: Fan): boolean {
  const { failures, items, toleratedCount, toleratedPercentage } = fan;
  if (toleratedCount === undefined && toleratedPercentage === undefined) return false;
  return (
    (toleratedCount === undefined || failures.length <= toleratedCount) &&
    (toleratedPercentage === undefined ||
      (failures.length * 100) / items.length <= toleratedPercentage)
  );
}

function giveUp(scene: Scene<MapState>, fan: Fan): EventDraft[] {
  const { thread } = scene;
  const aborted = [...thread.children].map((child) => ({
    thread: child.path,
    type: 'MapIterationAborted',
    details: { name: thread.stateName, index: child.index },
  }));
  const exceeded = fan.toleratedCount !== undefined || fan.toleratedPercentage !== undefined;
  const failure = exceeded
    ? {
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
      }
    : { ...fan.failures[0] };
  return [...aborted, scene.draft('MapStateFailed', { extra: failure })];
}
