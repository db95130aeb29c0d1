import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Database } from './database.ts';

/**
 * The processes that the local cloud starts: each in a process group of its own, written down by
 * pid and start time, so that a later generation ends exactly those and nothing else.
 */
export class Children {
  readonly #database: Database;
  readonly #live = new Map<number, ChildProcess>();

  constructor(database: Database) {
    this.#database = database;
    database.define(
      'CREATE TABLE IF NOT EXISTS children (pid INTEGER, started TEXT, kind TEXT, PRIMARY KEY (pid, started))',
    );
  }

  /** Starts a process as the leader of its own group. A child ends itself when its stdin closes. */
  start(
    kind: string,
    command: string,
    args: readonly string[],
    options: SpawnOptions,
  ): ChildProcess {
    const child = spawn(command, args, { ...options, detached: true });
    const { pid } = child;
    if (pid === undefined) return child;
    const started = startTimeOf(pid) ?? '';
    this.#live.set(pid, child);
    this.#database.run('INSERT OR REPLACE INTO children VALUES (?, ?, ?)', pid, started, kind);
    child.once('exit', () => {
      this.#live.delete(pid);
      this.#database.run('DELETE FROM children WHERE pid = ? AND started = ?', pid, started);
    });
    return child;
  }

  /** Kills what an earlier generation left behind, told from strangers by the start time. */
  endLeftovers(): void {
    for (const { pid, started } of this.#database.all<{ pid: number; started: string }>(
      'SELECT pid, started FROM children',
    )) {
      if (!this.#live.has(pid) && startTimeOf(pid) === started) killGroup(pid);
      if (!this.#live.has(pid)) this.#database.run('DELETE FROM children WHERE pid = ?', pid);
    }
  }

  endAll(): void {
    for (const pid of this.#live.keys()) killGroup(pid);
  }
}

/** Kills a process group that `Children.start` made. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** The 22nd field of /proc/<pid>/stat: clock ticks after boot at which the process started. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
