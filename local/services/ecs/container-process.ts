import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Cloud } from '#local/kernel/cloud.ts';
import { killGroup } from '#local/kernel/children.ts';
import { appendLog } from '#local/services/logs/append-log.ts';
import type { TaskDefinition } from './task-definition-store.ts';
import type { TaskOrder } from './task-store.ts';

/** Between SIGTERM and SIGKILL: AWS waits `stopTimeout`, the local cloud at most this long. */
const STOP_MS = 1000;
/** How long the last lines of a dead process are waited for. */
const DRAIN_MS = 500;

/** Who learns what happens to a container. */
export interface ContainerOwner {
  running(): void;
  /** @param exitCode undefined when it could not be started, for the reason */
  ended(exitCode: number | undefined, reason: string): void;
}

/**
 * The container of one task: its command, as a process of this machine in the folder that the image
 * is built from, with the environment that it would have on Fargate and nothing else.
 */
export class ContainerProcess {
  /** Settled when no process is left to come to an end by itself. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #stopMs: number;
  #hasEnded = false;

  constructor(
    cloud: Cloud,
    task: { readonly id: string; readonly definition: TaskDefinition; readonly order: TaskOrder },
    owner: ContainerOwner,
  ) {
    const { container } = task.definition;
    this.#stopMs = Math.min(STOP_MS, container.stopTimeout * 1000);
    const [, ...args] = task.order.command ?? container.command;
    this.#child = cloud.children.start(`task ${task.id}`, process.execPath, args, {
      cwd: container.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        AWS_REGION: cloud.region,
        AWS_DEFAULT_REGION: cloud.region,
        AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
        ...container.environment,
        ...Object.fromEntries(
          (task.order.environment ?? []).map(({ name, value }) => [name, value]),
        ),
      },
    });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on('error', () => undefined);
    for (const stream of [stdout, stderr]) if (stream) this.#follow(cloud, task, stream);
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve()).once('error', () => resolve());
    });
    this.#child.once('spawn', () => owner.running());
    this.#child.once('error', (error) => {
      this.#end(() => owner.ended(undefined, `CannotStartContainerError: ${error.message}`));
    });
    this.#child.once('exit', (code, signal) => {
      this.kill();
      const exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
      const end = () => this.#end(() => owner.ended(exitCode, ''));
      this.#child.once('close', end);
      setTimeout(end, DRAIN_MS).unref();
    });
  }

  /** Asks the container to end, and ends its whole process group a little later. */
  stop(): void {
    this.#child.kill('SIGTERM');
    setTimeout(() => {
      if (!this.#hasEnded) this.kill();
    }, this.#stopMs).unref();
  }

  /** Ends the whole process group at once. */
  kill(): void {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
  }

  #end(tell: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    tell();
  }

  #follow(cloud: Cloud, task: { id: string; definition: TaskDefinition }, stream: Readable): void {
    const { name, log } = task.definition.container;
    const lines = createInterface({ input: stream });
    if (!log) lines.resume();
    else
      lines.on('line', (line) =>
        appendLog(cloud, log.group, `${log.prefix}/${name}/${task.id}`, line),
      );
  }
}
