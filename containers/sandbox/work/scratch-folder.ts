import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownName } from './process-identity.ts';

const PREFIX = 'mirai-box-';

/**
 * The shell's own folder for what goes in and out of jobs, readable by nobody else. What dead shells
 * left behind goes when the next one makes its folder.
 *
 * @param base such as the system's folder for temporary files
 */
export function makeScratchFolder(base: string): string {
  sweep(base);
  const folder = mkdtempSync(join(base, `${PREFIX}${ownName()}-`));
  chmodSync(folder, 0o700);
  return folder;
}

/** A fresh folder for one job. */
export function makeJobFolder(scratch: string, number: number): string {
  const folder = join(scratch, String(number));
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function sweep(base: string): void {
  for (const name of readdirSync(base)) {
    const owner = /^mirai-box-(\d+-\d+)-/.exec(name)?.[1];
    if (owner === undefined || isAlive(owner)) continue;
    const path = join(base, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() && stat.uid === userInfo().uid)
      rmSync(path, { recursive: true, force: true });
  }
}
