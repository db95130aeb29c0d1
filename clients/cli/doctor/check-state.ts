import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../failure.ts';
import { bad, good, note, type Finding } from './finding.ts';

/** Looks whether the state folder can be used and its databases are whole. */
export function checkState(state: string): Finding[] {
  if (!existsSync(state))
    return [note('state folder', `${state} is not there yet: mirai up makes it`)];
  try {
    accessSync(state, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [bad('state folder', `${state} cannot be written`, `chmod u+rwx ${state}`)];
  }
  return [checkPrivacy(state), ...databasesIn(state).map((path) => checkDatabase(state, path))];
}

function checkPrivacy(state: string): Finding {
  const isOpen = (statSync(state).mode & 0o077) !== 0;
  return isOpen
    ? bad('state folder', `${state} is open to other users`, `chmod 700 ${state}`)
    : good('state folder', state);
}

const databasesIn = (state: string): string[] =>
  readdirSync(state)
    .filter((name) => /\.(sqlite|db)$/.test(name))
    .map((name) => join(state, name));

function checkDatabase(state: string, path: string): Finding {
  const repair = `mirai down && rm -r ${state}`;
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const row = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
      return row.quick_check === 'ok'
        ? good('state', `${path} is whole`)
        : bad('state', `${path} is damaged: ${row.quick_check}`, repair);
    } finally {
      database.close();
    }
  } catch (error) {
    return bad('state', `${path} cannot be read: ${messageOf(error)}`, repair);
  }
}
