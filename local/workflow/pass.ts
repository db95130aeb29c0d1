import type { PassState } from './definition.ts';
import { effectiveInput, leave } from './leave-state.ts';
import type { Scene, StateKind } from './scene.ts';

/** Passes its input, its Result or its Output on. */
export const pass: StateKind = {
  enter(scene) {
    const { state, jsonata } = scene as Scene<PassState>;
    const next = state.End ? undefined : state.Next;
    if (jsonata) return leave(scene, { next });
    if (state.Result !== undefined) return leave(scene, { next, result: state.Result });
    const changed =
      state.Parameters !== undefined ||
      (state.InputPath !== undefined && state.InputPath !== '$') ||
      state.ResultPath !== undefined;
    return leave(scene, changed ? { next, result: effectiveInput(scene) } : { next });
  },
};
