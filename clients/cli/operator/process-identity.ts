import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

/** A process, told from a later one with the same number by when it started. */
export const ProcessIdentity = z.object({ pid: z.int(), started: z.string() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** The identity of a process that runs now, or undefined when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while this very process runs. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean => startOf(pid) === started;

/** On Linux the 22nd field of /proc/<pid>/stat, ticks after boot; elsewhere what `ps` says. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return process.platform === 'linux' ? undefined : startByPs(pid);
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return said.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends a process: asks it, and after a while makes it. Another process that has its number meanwhile
 * is left alone.
 *
 * @param graceMs how long it may take to end by itself, in milliseconds
 * @returns false when it was not there any more
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<boolean> {
  if (!isAlive(identity)) return false;
  send(identity, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) send(identity, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function send({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}
