import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import type { Cloud } from '#local/kernel/cloud.ts';
import { ContainerProcess } from './container-process.ts';
import { stateChangeEvent } from './task-description.ts';
import type { TaskDefinitionStore } from './task-definition-store.ts';
import type { TaskChange, TaskOrder, TaskRow, TaskStore } from './task-store.ts';

/** A task has been asked for. */
export const TASKS_TOPIC = 'ecs:tasks';

const LOST = 'The local cloud ended while the task ran.';

/** Starts tasks in order as far as the machine's places go, and records what becomes of them. */
export class TaskRunner {
  readonly #cloud: Cloud;
  readonly #tasks: TaskStore;
  readonly #definitions: TaskDefinitionStore;
  readonly #places: number;
  readonly #containers = new Map<string, ContainerProcess>();
  #stopListening: () => void = () => undefined;

  /** @param places how many tasks run at once; by default two for each core */
  constructor(
    cloud: Cloud,
    tasks: TaskStore,
    definitions: TaskDefinitionStore,
    places = 2 * availableParallelism(),
  ) {
    this.#cloud = cloud;
    this.#tasks = tasks;
    this.#definitions = definitions;
    this.#places = places;
  }

  /** Ends what an earlier generation left, then starts tasks as they come. */
  start(): void {
    for (const { id, started } of this.#tasks.living()) {
      this.#stopped(id, {
        stopCode: started === null ? 'TaskFailedToStart' : 'EssentialContainerExited',
        reason: LOST,
        ...(started !== null && { exitCode: 137 }),
      });
    }
    this.#tasks.prune();
    this.#stopListening = this.#cloud.onWake(TASKS_TOPIC, () => this.#fill());
    this.#fill();
  }

  /** Kills every container; the next generation records that their tasks have stopped. */
  async stop(): Promise<void> {
    this.#stopListening();
    const containers = [...this.#containers.values()];
    this.#containers.clear();
    for (const container of containers) container.kill();
    await Promise.all(containers.map(({ exited }) => exited));
  }

  /** Tells the default bus of a task as it now stands; joins the transaction at hand. */
  publish(row: TaskRow): void {
    this.#cloud.publishEvent(stateChangeEvent(this.#cloud, row, this.#definitions));
  }

  /** Stops a task for a user; a stopped one stays as it is. Joins the transaction at hand. */
  stopTask(row: TaskRow, reason: string): TaskRow {
    if (row.desired === 'STOPPED') return row;
    const why = { stopCode: 'UserInitiated', reason };
    if (row.status === 'PROVISIONING') return this.#stopped(row.id, why);
    const changed = this.#change(row.id, {
      desired: 'STOPPED',
      stopping: this.#cloud.now(),
      ...why,
    });
    // After the transaction: a process cannot be brought back.
    setImmediate(() => this.#containers.get(row.id)?.stop());
    return changed;
  }

  #fill(): void {
    while (this.#containers.size < this.#places) {
      const row = this.#tasks.nextProvisioning();
      if (!row) return;
      this.#launch(row);
    }
  }

  #launch({ id, family, revision, taskOrder }: TaskRow): void {
    this.#change(id, { status: 'PENDING' });
    const { definition } = this.#definitions.get(family, revision);
    const { folder, image } = definition.container;
    if (!existsSync(folder)) {
      const reason = `CannotPullContainerError: ${image} has no folder ${folder}`;
      this.#stopped(id, { stopCode: 'TaskFailedToStart', reason });
      return;
    }
    const order = JSON.parse(taskOrder) as TaskOrder;
    const container = new ContainerProcess(
      this.#cloud,
      { id, definition, order },
      {
        running: () => {
          if (this.#containers.get(id) === container)
            this.#change(id, { status: 'RUNNING', started: this.#cloud.now() });
        },
        ended: (exitCode, reason) => this.#ended(id, exitCode, reason),
      },
    );
    this.#containers.set(id, container);
  }

  #ended(id: string, exitCode: number | undefined, reason: string): void {
    if (!this.#containers.delete(id)) return;
    const userStopped = this.#tasks.byId(id)?.stopCode === 'UserInitiated';
    if (exitCode === undefined) {
      this.#stopped(id, { stopCode: 'TaskFailedToStart', reason });
    } else if (userStopped) {
      this.#stopped(id, { exitCode });
    } else {
      this.#stopped(id, {
        exitCode,
        stopCode: 'EssentialContainerExited',
        reason: 'Essential container in task exited',
      });
    }
    this.#cloud.wake(TASKS_TOPIC);
  }

  #stopped(id: string, change: TaskChange): TaskRow {
    const now = this.#cloud.now();
    const stopping = this.#tasks.byId(id)?.stopping ?? now;
    const end = { status: 'STOPPED', desired: 'STOPPED', stopping, stopped: now } as const;
    return this.#change(id, { ...end, ...change });
  }

  #change(id: string, change: TaskChange): TaskRow {
    return this.#cloud.database.transaction(() => {
      const row = this.#tasks.update(id, change);
      this.publish(row);
      return row;
    });
  }
}
