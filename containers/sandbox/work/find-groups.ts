import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { GROUPS_FOLDER, type GroupBase } from './cgroup.ts';
import { ownName } from './process-identity.ts';

/** Where the kernel tells about control groups; other files in tests. */
export interface GroupSources {
  readonly mounts: string;
  readonly own: string;
}

const SYSTEM: GroupSources = { mounts: '/proc/self/mounts', own: '/proc/self/cgroup' };

interface Mount {
  readonly folder: string;
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * Finds where this process can make control groups with a memory and a process limit: version 1
 * (also in hybrid mode) or version 2, the latter also below a folder delegated to an ordinary user.
 *
 * @returns undefined where there is none
 */
export function findGroups(sources: GroupSources = SYSTEM): GroupBase | undefined {
  const mounts = readMounts(sources.mounts);
  return firstVersion(mounts) ?? secondVersion(mounts, sources.own);
}

function readMounts(path: string): Mount[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, folder = '', type = '', options = '']) => ({
      folder,
      type,
      options: options.split(','),
    }));
}

function firstVersion(mounts: readonly Mount[]): GroupBase | undefined {
  const base = (controller: string) => {
    const mount = mounts.find(
      ({ type, options }) => type === 'cgroup' && options.includes(controller),
    );
    return mount && writableFolder(join(mount.folder, GROUPS_FOLDER));
  };
  const memory = base('memory');
  const pids = base('pids');
  if (memory === undefined || pids === undefined) return undefined;
  return { version: 1, memory, pids, cpu: base('cpu'), cpuacct: base('cpuacct') };
}

function secondVersion(mounts: readonly Mount[], own: string): GroupBase | undefined {
  const mount = mounts.find(({ type }) => type === 'cgroup2');
  if (!mount) return undefined;
  const path = /^0::(\/.*)$/m.exec(readFileSync(own, 'utf8'))?.[1] ?? '/';
  for (const candidate of ancestors(mount.folder, path)) {
    const folder = delegatedFolder(candidate);
    if (folder === undefined) continue;
    const cpu = isControllable(folder, 'cpu.max') ? folder : undefined;
    return { version: 2, memory: folder, pids: folder, cpu, cpuacct: folder };
  }
  return undefined;
}

/** The mount's own folder, then each one on the way down to this process's group. */
function ancestors(mount: string, path: string): string[] {
  const below: string[] = [];
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) below.unshift(join(mount, at));
  return [mount, ...below];
}

function delegatedFolder(candidate: string): string | undefined {
  if (!isWritable(candidate) || !isWritable(join(candidate, 'cgroup.procs'))) return undefined;
  const folder = writableFolder(join(candidate, GROUPS_FOLDER));
  if (folder === undefined) return undefined;
  for (const parent of [candidate, folder]) {
    for (const controller of ['memory', 'pids', 'cpu']) enable(parent, controller);
  }
  return isControllable(folder, 'memory.max') && isControllable(folder, 'pids.max')
    ? folder
    : undefined;
}

/** A controller that cannot be passed on shows as a file missing in the groups below. */
function enable(folder: string, controller: string): void {
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
  } catch {
    // Told by `isControllable`.
  }
}

function isControllable(folder: string, file: string): boolean {
  const trial = join(folder, `${ownName()}-trial`);
  try {
    mkdirSync(trial, { recursive: true });
    const isThere = existsSync(join(trial, file));
    rmdirSync(trial);
    return isThere;
  } catch {
    return false;
  }
}

function writableFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    return undefined;
  }
  return isWritable(folder) ? folder : undefined;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
