import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Cloud } from '#local/kernel/cloud.ts';

/**
 * Reads `+ pid` and `- pid` until its stdin closes, and then kills the groups of those that are left.
 * A program of the shell, which holds about one megabyte.
 */
const SCRIPT = `
live=' '
while read -r change pid; do
  case $change in
    +) live="$live-$pid " ;;
    -) live="\${live%% -$pid *} \${live#* -$pid }" ;;
  esac
done
for group in $live; do kill -s KILL -- "$group"; done 2>/dev/null
`;

/**
 * Ends the processes of functions when the local cloud has died, also those that never look at
 * their stdin again because they are in a loop.
 */
export class Watchdog {
  readonly #cloud: Cloud;
  #child: ChildProcess | undefined;
  readonly #watched = new Set<number>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  watch(pid: number): void {
    this.#watched.add(pid);
    if (this.#child) this.#tell(`+ ${pid}\n`);
    else this.#begin();
  }

  forget(pid: number): void {
    if (this.#watched.delete(pid)) this.#tell(`- ${pid}\n`);
  }

  /** Waits until the watchdog has gone, too. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.stdin?.end();
    await gone;
  }

  #begin(): void {
    const stdio = ['pipe', 'ignore', 'ignore'] as const;
    const child = this.#cloud.children.start('functions watchdog', '/bin/sh', ['-c', SCRIPT], {
      stdio: [...stdio],
      env: { PATH: '/usr/bin:/bin' },
    });
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    child.once('error', () => undefined);
    // One that was killed is replaced.
    child.once('exit', () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#watched.size > 0) this.#begin();
    });
    for (const pid of this.#watched) this.#tell(`+ ${pid}\n`);
  }

  #tell(text: string): void {
    this.#child?.stdin?.write(text);
  }
}
