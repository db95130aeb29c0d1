import { createHash } from 'node:crypto';
import { isWorkspacePath } from '../contract.ts';

const BLOCK = 512;
const REGULAR = new Set(['0', '\0']);
/** What the other type flags of a tar header stand for. */
const KINDS: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a FIFO',
};

/** A regular file of an archive. */
export interface ArchivedFile {
  readonly path: string;
  readonly content: Buffer;
  readonly sha256: string;
}

/** An entry that was not taken, and why. */
export interface SkippedEntry {
  readonly path: string;
  readonly reason: string;
}

export interface ArchiveLimits {
  readonly files: number;
  readonly bytes: number;
}

/** What an archive of unknown origin holds, as far as it may be believed. */
export interface ArchiveContent {
  readonly files: readonly ArchivedFile[];
  readonly skipped: readonly SkippedEntry[];
}

/**
 * Reads a GNU tar that untrusted code may have written. Takes regular files with plain relative
 * paths, each path once; names everything else, and stops at the first thing that makes no sense.
 *
 * @param wanted the paths to take, or all
 */
export function readArchive(
  archive: Buffer,
  limits: ArchiveLimits,
  wanted: 'all' | readonly string[],
): ArchiveContent {
  const files = new Map<string, ArchivedFile>();
  const skipped: SkippedEntry[] = [];
  const skip = (path: string, reason: string) => {
    if (skipped.length < limits.files) skipped.push({ path: printable(path), reason });
  };
  let longName: string | undefined;
  let bytes = 0;
  for (const entry of entries(archive)) {
    if (entry.problem !== undefined) {
      skip('', entry.problem);
      break;
    }
    const { type, body } = entry;
    if (type === 'L') {
      longName = cString(body);
      continue;
    }
    if (type === 'K') continue;
    const path = plainPath(longName ?? entry.name);
    longName = undefined;
    if (type === '5' || (wanted !== 'all' && !wanted.includes(path))) continue;
    if (!REGULAR.has(type)) skip(path, `is ${KINDS[type] ?? 'not a regular file'}`);
    else if (!isWorkspacePath(path)) skip(path, 'has a name that is not taken');
    else if (files.has(path)) skip(path, 'appears twice');
    else if (files.size >= limits.files) skip(path, `is more than ${limits.files} files`);
    else if (bytes + body.length > limits.bytes) skip(path, `goes over ${limits.bytes} bytes`);
    else {
      bytes += body.length;
      files.set(path, {
        path,
        content: body,
        sha256: createHash('sha256').update(body).digest('hex'),
      });
    }
  }
  return { files: [...files.values()], skipped };
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly body: Buffer;
  readonly problem?: string;
}

function* entries(archive: Buffer): Generator<Entry> {
  let at = 0;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const size = octal(header.subarray(124, 136));
    const end = at + BLOCK + (size ?? 0);
    if (size === undefined || !hasRightSum(header) || end > archive.length) {
      yield {
        name: '',
        type: '',
        body: Buffer.alloc(0),
        problem: 'the archive is broken or cut off',
      };
      return;
    }
    yield {
      name: cString(header.subarray(0, 100)),
      type: String.fromCharCode(header[156] ?? 0),
      body: archive.subarray(at + BLOCK, end),
    };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** The header's checksum counts its own field as spaces. */
function hasRightSum(header: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 32 : (header[at] ?? 0);
  return sum === octal(header.subarray(148, 156));
}

function octal(field: Buffer): number | undefined {
  const text = cString(field).trim();
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function cString(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.length : end).toString('utf8');
}

function plainPath(name: string): string {
  return name.startsWith('./') ? name.slice(2) : name;
}

/** A path as it may appear in a result: no control characters, at most 512 characters. */
function printable(path: string): string {
  return path.replace(/[\u0000-\u001f\u007f]/g, '?').slice(0, 512);
}
