import type { Catcher, ChoiceRule, StateFields } from './definition.ts';
import type { EventDraft } from './history.ts';
import { Data, type Json, type JsonObject } from './json.ts';
import { evaluateTemplate, type StatesVariable } from './jsonata.ts';
import { fillTemplate, readInput, readPath } from './payload-template.ts';
import { placeResult } from './reference-path.ts';
import type { Scene } from './scene.ts';
import { StateFailure } from './state-failure.ts';
import type { Thread } from './thread.ts';

/** How a state is left. */
export interface Leave {
  /** The name of the next state; undefined when the branch ends here. */
  readonly next: string | undefined;
  /** The result of the state's work; without it the state passes its input on. */
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** Whose Assign and Output count: the state, a rule of a Choice, or a Catch. @default the state */
  readonly by?: StateFields | ChoiceRule | Catcher;
}

/**
 * The effective input of a JSONPath state: InputPath, then Parameters.
 *
 * @throws StateFailure when a path leads nowhere
 */
export function effectiveInput(scene: Scene, item?: { index: number; value: Json }): Json {
  const { state, thread } = scene;
  const context = scene.context(item);
  const input = readInput(state.InputPath, scene.sources(thread.input.value, context));
  if (state.Parameters === undefined) return input;
  return fillTemplate(state.Parameters, scene.sources(input, context));
}

/** The value that a Task works with or that branches get: Arguments, or the effective input. */
export function argumentsOf(scene: Scene): Json | Promise<Json> {
  if (!scene.jsonata) return effectiveInput(scene);
  if (scene.state.Arguments === undefined) return scene.thread.input.value;
  return evaluateTemplate(scene.state.Arguments, scene.bindings(), 'Arguments');
}

/** The events with which a state is left: its exit, and the end of its branch or the next entry. */
export async function leave(scene: Scene, how: Leave): Promise<EventDraft[]> {
  const { output, assigned } = scene.jsonata
    ? await leaveJsonata(scene, how)
    : leaveJsonPath(scene, how);
  const { thread, state } = scene;
  if (output.tooLarge) throw dataLimit(thread.stateName);
  const names = Object.keys(assigned);
  const exit = scene.draft(`${state.Type}StateExited`, {
    data: output,
    details: {
      name: thread.stateName,
      ...(names.length > 0
        ? {
            assignedVariables: stringified(assigned),
            assignedVariablesDetails: { truncated: false },
          }
        : {}),
    },
    extra: {
      ...(how.next === undefined ? {} : { next: how.next }),
      ...(names.length > 0 ? { assigned } : {}),
    },
  });
  return [exit, ...afterExit(scene, how.next, output)];
}

/** What follows an exit at once, in the same transaction. */
function afterExit(scene: Scene, next: string | undefined, output: Data): EventDraft[] {
  const { thread } = scene;
  if (next !== undefined) {
    const state = thread.scope.States[next];
    return state
      ? [scene.draft(`${state.Type}StateEntered`, { data: output, details: { name: next } })]
      : [];
  }
  return endOfThread(thread, output);
}

/** The event with which a branch ends well; a Parallel's branch ends without one. */
export function endOfThread(thread: Thread, output: Data): EventDraft[] {
  const { parent, path } = thread;
  if (!parent) return [{ thread: path, type: 'ExecutionSucceeded', data: output }];
  if (parent.fan?.kind !== 'map') return [];
  return [
    {
      thread: path,
      type: 'MapIterationSucceeded',
      details: { name: parent.stateName, index: thread.index },
    },
  ];
}

async function leaveJsonata(scene: Scene, how: Leave) {
  const by = how.by ?? scene.state;
  const states: Partial<StatesVariable> = {
    ...(how.result === undefined ? {} : { result: how.result }),
    ...(how.errorOutput === undefined ? {} : { errorOutput: how.errorOutput }),
  };
  if (by.Assign === undefined && by.Output === undefined)
    return { output: plainOutput(scene, how), assigned: {} };
  const bindings = scene.bindings(states);
  const place = by === scene.state ? '' : placeOf(scene, by);
  const assigned =
    by.Assign === undefined ? {} : await evaluateTemplate(by.Assign, bindings, `${place}Assign`);
  const output =
    by.Output === undefined
      ? plainOutput(scene, how)
      : Data.of(await evaluateTemplate(by.Output, bindings, `${place}Output`));
  return { output, assigned: assigned as JsonObject };
}

function leaveJsonPath(scene: Scene, how: Leave) {
  const { state, thread } = scene;
  const by = how.by ?? state;
  const context = scene.context();
  const input = thread.input.value;
  const result = how.errorOutput ?? how.result;
  const assignFrom = result ?? readInput(state.InputPath, scene.sources(input, context));
  const assigned =
    by.Assign === undefined ? {} : fillTemplate(by.Assign, scene.sources(assignFrom, context));
  if (how.errorOutput !== undefined) {
    return {
      output: Data.of(placeResult(input, (by as Catcher).ResultPath, how.errorOutput)),
      assigned: assigned as JsonObject,
    };
  }
  const untouched = result === undefined && !state.InputPath && state.InputPath !== null;
  const placed = result === undefined ? assignFrom : placeResult(input, state.ResultPath, result);
  const plain = state.OutputPath === undefined || state.OutputPath === '$';
  if (untouched && plain) return { output: thread.input, assigned: assigned as JsonObject };
  const output = readInput(state.OutputPath, scene.sources(placed, context));
  return { output: Data.of(output), assigned: assigned as JsonObject };
}

function plainOutput(scene: Scene, how: Leave): Data {
  const value = how.errorOutput ?? how.result;
  return value === undefined ? scene.thread.input : Data.of(value);
}

/** How the field of a rule or a Catch is named in a cause. */
function placeOf(scene: Scene, by: unknown): string {
  const { state } = scene;
  if (state.Type === 'Choice') {
    const index = state.Choices.indexOf(by as ChoiceRule);
    return index < 0 ? '' : `Choices[${index}]/`;
  }
  const index = state.Catch?.indexOf(by as Catcher) ?? -1;
  return index < 0 ? '' : `Catch[${index}]/`;
}

function stringified(assigned: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}

/** The failure of a state whose input, result or output is larger than AWS passes on. */
export function dataLimit(what: string): StateFailure {
  return new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** A number field: a literal, a JSONata expression, or its `…Path` form; undefined when absent. */
export async function numberField(
  scene: Scene,
  field:
    | 'TimeoutSeconds'
    | 'HeartbeatSeconds'
    | 'MaxConcurrency'
    | 'ToleratedFailureCount'
    | 'ToleratedFailurePercentage',
): Promise<Json | undefined> {
  const state = scene.state as unknown as Record<string, Json | undefined>;
  const literal = state[field];
  if (literal !== undefined) {
    return scene.jsonata && typeof literal === 'string'
      ? evaluateTemplate(literal, scene.bindings(), field)
      : literal;
  }
  const path = state[`${field}Path`];
  if (typeof path !== 'string') return undefined;
  const input = readInput(scene.state.InputPath, scene.sources(scene.thread.input.value));
  return readPath(path, `${field}Path`, scene.sources(input));
}
