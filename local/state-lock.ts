import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startTimeOf } from './kernel/children.ts';

/**
 * Takes a state folder for this process. A lock whose owner is dead is taken over.
 *
 * @returns what gives it back
 * @throws Error naming the pid that holds it
 */
export function lockState(stateFolder: string): () => void {
  const path = join(stateFolder, 'lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid) }));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = ownerOf(path);
      if (owner && startTimeOf(owner.pid) === owner.started) {
        throw new Error(`the state folder is in use by the process ${owner.pid}`, { cause: error });
      }
      rmSync(path, { force: true });
    }
  }
  throw new Error('the state folder is being taken by another process');
}

function ownerOf(path: string): { pid: number; started: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; started: string };
  } catch {
    return undefined;
  }
}
