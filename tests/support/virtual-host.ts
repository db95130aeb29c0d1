import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StateMachineDefinition } from '#local/workflow/definition.ts';
import { Execution, type Host } from '#local/workflow/execution.ts';
import type { HistoryEvent } from '#local/workflow/history.ts';
import { Data, type Json } from '#local/workflow/json.ts';
import type { ExecutionFacts, TaskCall } from '#local/workflow/scene.ts';
import { TimeQueue } from '#local/workflow/timers.ts';

export type Launch = (execution: Execution, call: TaskCall) => void;

/** Runs executions in memory on a clock that jumps to whatever is due next. */
export class VirtualHost implements Host {
  readonly events: HistoryEvent[] = [];
  readonly #timers = new TimeQueue<() => void>();
  readonly #launch: Launch;
  #now = Date.parse('2026-01-01T00:00:00Z');

  constructor(launch: Launch) {
    this.#launch = launch;
  }

  now(): number {
    return this.#now;
  }

  append(_execution: Execution, events: readonly HistoryEvent[]): void {
    this.events.push(...events);
  }

  launch(execution: Execution, call: TaskCall): void {
    this.#launch(execution, call);
  }

  pickUp(): void {
    // Nothing survives in memory.
  }

  wakeAt(execution: Execution, thread: string, at: number): void {
    this.#timers.add(at, () => execution.timeUp(thread));
  }

  /** Lets an execution go on until it ends; false when nothing more will happen to it. */
  async finish(execution: Execution): Promise<boolean> {
    while (!execution.ended) {
      await nextTurn();
      if (execution.busy || execution.ended) continue;
      const at = this.#timers.next;
      if (at === undefined) return false;
      this.#now = Math.max(this.#now, at);
      this.#timers.take()?.();
    }
    return true;
  }
}

/** The facts of an execution of which only the input matters. */
export function factsOf(input: Json, startedAt: number): ExecutionFacts {
  const account = 'arn:aws:states:us-east-1:000000000000';
  return {
    executionArn: `${account}:execution:machine:run`,
    name: 'run',
    stateMachineArn: `${account}:stateMachine:machine`,
    stateMachineName: 'machine',
    roleArn: 'arn:aws:iam::000000000000:role/machine',
    input: Data.of(input),
    startedAt,
    region: 'us-east-1',
  };
}

/** Runs a definition from beginning to end in memory. */
export async function runInMemory(definition: unknown, input: Json, launch: Launch) {
  const host = new VirtualHost(launch);
  const execution = Execution.start(
    host,
    factsOf(input, host.now()),
    definition as StateMachineDefinition,
  );
  const finished = await host.finish(execution);
  return { finished, events: host.events, last: host.events.at(-1) };
}
