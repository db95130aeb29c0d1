import { readFileSync } from 'node:fs';

/** Clock ticks after boot at which a process started (field 22 of /proc/<pid>/stat). */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** This process as a name that no later process can have: `<pid>-<start time>`. */
export function ownName(): string {
  return `${process.pid}-${startTime(process.pid) ?? '0'}`;
}

/** True when a name made by `ownName` belongs to a process that still lives. */
export function isAlive(name: string): boolean {
  const [pid, started] = name.split('-');
  return started !== undefined && startTime(Number(pid)) === started;
}
