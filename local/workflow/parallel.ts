import type { ParallelState } from './definition.ts';
import { Data } from './json.ts';
import { argumentsOf } from './leave-state.ts';
import { task } from './task.ts';
import type { Scene, StateKind } from './scene.ts';

/** Runs its branches at the same time and gathers their outputs in an array. */
export const parallel: StateKind = {
  async enter(scene) {
    return [scene.draft('ParallelStateStarted', { data: Data.of(await argumentsOf(scene)) })];
  },

  spread(scene) {
    const { fan } = scene.thread;
    const { Branches } = (scene as Scene<ParallelState>).state;
    if (!fan || fan.succeeded < Branches.length) return [];
    return [scene.draft('ParallelStateSucceeded', { data: Data.of(fan.results) })];
  },

  finish: (scene) => task.finish?.(scene) ?? [],
};
