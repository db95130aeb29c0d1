import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';

/** A file that has reached this size becomes `<group>.log.1`; one older file is kept a group. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** What CloudWatch Logs allows in a log group's name. */
const GROUP_NAME = /^[\w./#-]{1,512}$/;

interface LogFile {
  readonly path: string;
  descriptor: number;
  size: number;
}

const openFiles = new WeakMap<Cloud, Map<string, LogFile>>();

/** Where the lines of a log group go: `<stateFolder>/logs/<group>.log`, slashes making folders. */
export function logPath(cloud: Cloud, group: string): string {
  const parts = group.split('/').filter((part) => part !== '');
  if (!GROUP_NAME.test(group) || parts.some((part) => part === '.' || part === '..')) {
    throw new AwsError('InvalidParameterException', `Invalid log group name: ${group}`);
  }
  return `${join(cloud.stateFolder, 'logs', ...parts)}.log`;
}

/**
 * Appends a line to a log group's file as `<time> [<stream>] <line>`, without asking anybody's
 * permission: for what AWS itself writes. What a role writes goes through `openLogStream`.
 *
 * @param line without its newline; written before the call returns
 */
export function appendLog(cloud: Cloud, group: string, stream: string, line: string): void {
  const file = openFile(cloud, group);
  const text = `${new Date(cloud.now()).toISOString()} [${stream}] ${line}\n`;
  file.size += writeSync(file.descriptor, text);
  if (file.size >= ROTATE_BYTES) rotate(file);
}

/** Closes the files that `appendLog` holds open; a later line opens its file again. */
export function closeLogs(cloud: Cloud): void {
  for (const file of openFiles.get(cloud)?.values() ?? []) closeSync(file.descriptor);
  openFiles.delete(cloud);
}

function openFile(cloud: Cloud, group: string): LogFile {
  let files = openFiles.get(cloud);
  if (!files) openFiles.set(cloud, (files = new Map<string, LogFile>()));
  let file = files.get(group);
  if (!file) {
    const path = logPath(cloud, group);
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, 'a', 0o600);
    file = { path, descriptor, size: fstatSync(descriptor).size };
    files.set(group, file);
  }
  return file;
}

function rotate(file: LogFile): void {
  closeSync(file.descriptor);
  renameSync(file.path, `${file.path}.1`);
  file.descriptor = openSync(file.path, 'a', 0o600);
  file.size = 0;
}
