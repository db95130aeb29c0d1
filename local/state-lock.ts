import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a state folder for this process alone. The lock is the operating system's, held through an
 * SQLite file, so it ends with the process however that dies and two starts cannot both have it.
 *
 * @returns what gives it back
 * @throws Error naming the pid that holds it
 */
export function lockState(stateFolder: string): () => void {
  const lock = new DatabaseSync(join(stateFolder, 'lock.db'));
  const ownerPath = join(stateFolder, 'lock.pid');
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const reason = `the state folder ${stateFolder} is in use by the process ${ownerOf(ownerPath)}`;
    throw new Error(reason, { cause: error });
  }
  writeFileSync(ownerPath, String(process.pid), { mode: 0o600 });
  return () => lock.close();
}

function ownerOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'that is just starting';
  }
}
