import { readFileSync } from 'node:fs';

/** Kills one process, as a power cut would; one that is gone is fine. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** True while the process that started then still lives; zombies are dead. */
export function isAlive({
  pid,
  started,
}: {
  readonly pid: number;
  readonly started: string;
}): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && fields[19] === started;
  } catch {
    return false;
  }
}
