import type { Cloud } from '#local/kernel/cloud.ts';
import { Execution, type Host } from '#local/workflow/execution.ts';
import { ENDINGS, type HistoryEvent } from '#local/workflow/history.ts';
import { Data } from '#local/workflow/json.ts';
import type { ExecutionFacts, TaskCall } from '#local/workflow/scene.ts';
import { TimeQueue } from '#local/workflow/timers.ts';
import { machineArn } from './arn.ts';
import type { ExecutionRow, ExecutionStore } from './execution-store.ts';
import type { MachineStore } from './machine-store.ts';
import { statusEvent } from './status-event.ts';
import { SyncWaits } from './sync-waits.ts';
import { TaskRunner } from './task-runner.ts';

/** The longest time that a Node timer takes; a later due time is looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Runs executions: keeps the running ones in memory, their events in SQLite, and one timer. */
export class Engine implements Host {
  readonly #cloud: Cloud;
  readonly #machines: MachineStore;
  readonly #executions: ExecutionStore;
  readonly #running = new Map<number, Execution>();
  readonly #ids = new WeakMap<ExecutionFacts, number>();
  readonly #due = new TimeQueue<{ execution: Execution; thread: string }>();
  readonly #waits: SyncWaits;
  readonly #tasks: TaskRunner;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(cloud: Cloud, machines: MachineStore, executions: ExecutionStore) {
    this.#cloud = cloud;
    this.#machines = machines;
    this.#executions = executions;
    this.#waits = new SyncWaits(cloud, executions);
    this.#tasks = new TaskRunner(cloud, this.#waits);
  }

  /** Goes on with every execution that had not ended, and listens for ECS tasks that stop. */
  resume(): void {
    this.#executions.forgetOld(this.now());
    const publish = this.#cloud.publishEvent;
    this.#cloud.publishEvent = (event) => {
      publish(event);
      this.#waits.serviceEvent(event);
    };
    for (const row of this.#executions.running()) {
      const facts = this.#factsOf(row);
      const events = this.#executions.events(row.id);
      const execution = Execution.resume(
        this,
        facts,
        this.#machines.definition(row.digest),
        events,
      );
      if (!execution.ended) this.#running.set(row.id, execution);
    }
  }

  /** Writes nothing more; what runs goes on at the next start. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const execution of this.#running.values()) execution.detach();
    this.#running.clear();
  }

  /** Starts an execution whose row has been made, in the caller's transaction. */
  start(row: ExecutionRow): void {
    const facts = this.#factsOf(row);
    this.#cloud.publishEvent(statusEvent(this.#cloud, row));
    const qualified = {
      ...(row.versionArn === null ? {} : { stateMachineVersionArn: row.versionArn }),
      ...(row.aliasArn === null ? {} : { stateMachineAliasArn: row.aliasArn }),
    };
    const started = { roleArn: row.roleArn, ...qualified };
    const execution = Execution.start(this, facts, this.#machines.definition(row.digest), started);
    this.#running.set(row.id, execution);
  }

  /** The execution with this id, when it still runs. */
  get(id: number): Execution | undefined {
    return this.#running.get(id);
  }

  now(): number {
    return this.#cloud.now();
  }

  append(execution: Execution, events: readonly HistoryEvent[]): void {
    const id = this.#idOf(execution);
    this.#cloud.database.transaction(() => {
      for (const event of events) {
        this.#executions.append(id, event);
        if (event.type in ENDINGS) this.#end(id, execution, event);
        else if (event.type === 'TaskTimedOut') this.#waits.cancel(execution, event.thread);
      }
    });
  }

  launch(execution: Execution, call: TaskCall): void {
    void this.#tasks.run(execution, call);
  }

  pickUp(execution: Execution, call: TaskCall): void {
    this.#tasks.pickUp(execution, call);
  }

  wakeAt(execution: Execution, thread: string, at: number): void {
    this.#due.add(at, { execution, thread });
    this.#setTimer();
  }

  #end(id: number, execution: Execution, event: HistoryEvent): void {
    const status = ENDINGS[event.type] ?? 'FAILED';
    this.#executions.end(id, status, event.at, {
      ...event.details,
      ...(event.data ? { output: event.data.text } : {}),
    });
    this.#running.delete(id);
    this.#waits.cancel(execution);
    const row = this.#executions.byId(id);
    if (!row) return;
    this.#cloud.publishEvent(statusEvent(this.#cloud, row));
    this.#waits.executionEnded(row);
  }

  #setTimer(): void {
    const { next } = this.#due;
    if (next === undefined || next >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = next;
    const wait = Math.min(Math.max(0, next - this.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#fire(), wait);
  }

  #fire(): void {
    this.#timerAt = Infinity;
    const now = this.now();
    while (this.#due.next !== undefined && this.#due.next <= now) {
      const entry = this.#due.take();
      entry?.execution.timeUp(entry.thread);
    }
    this.#setTimer();
  }

  #idOf(execution: Execution): number {
    const id = this.#ids.get(execution.facts);
    if (id === undefined) throw new Error(`${execution.facts.executionArn} is not known.`);
    return id;
  }

  #factsOf(row: ExecutionRow): ExecutionFacts {
    const facts: ExecutionFacts = {
      executionArn: this.#executions.arn(row),
      name: row.name,
      stateMachineArn: machineArn(this.#cloud, row.machine),
      stateMachineName: row.machine,
      roleArn: row.roleArn,
      input: Data.parse(row.input),
      startedAt: row.started,
      region: this.#cloud.region,
    };
    this.#ids.set(facts, row.id);
    return facts;
  }
}
