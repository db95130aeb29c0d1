import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SandboxUnavailableError } from './box.ts';

/** The names of `/etc` in the box: one user, no hosts. */
const ETC: Readonly<Record<string, string>> = {
  passwd: 'root:x:0:0:root:/:/usr/sbin/nologin\nsandbox:x:65534:65534:sandbox:/tmp:/bin/sh\n',
  group: 'root:x:0:\nsandbox:x:65534:\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
  hostname: 'sandbox\n',
  // A place for the machine's own list of libraries, which is bound over it.
  'ld.so.cache': '',
};

/** What the box needs of this project, outside the clone, readable by everyone and writable by us. */
export interface BoxFolder {
  readonly etc: string;
  readonly node: string;
}

/**
 * Makes that folder, once for each Node binary, and checks that nobody else could have changed it. A
 * clone in a private home cannot be read by the user that the box runs as; this folder can.
 *
 * @param base a world-readable folder that outlives processes, such as `/var/tmp`
 * @param node the Node binary that JavaScript runs on
 * @throws SandboxUnavailableError when the folder belongs to someone else
 */
export function ensureBoxFolder(base: string, node: string): BoxFolder {
  const source = statSync(node);
  const uid = process.getuid?.() ?? 0;
  const identity = JSON.stringify([process.version, source.size, source.mtimeMs, source.ino, ETC]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const folder = join(base, `mirai-box-${uid}-${hash}`);
  if (!existsSync(folder)) make(folder, base, node);
  const result = { etc: join(folder, 'etc'), node: join(folder, 'node') };
  const isOurs = [
    folder,
    result.etc,
    result.node,
    ...Object.keys(ETC).map((name) => join(result.etc, name)),
  ]
    .map((path) => lstatSync(path, { throwIfNoEntry: false }))
    .every((stat) => stat?.uid === uid && (stat.mode & 0o022) === 0 && !stat.isSymbolicLink());
  if (!isOurs || statSync(result.node).size !== source.size) {
    throw new SandboxUnavailableError(
      `the folder ${folder} is not as it was made`,
      `rm -rf ${folder}`,
    );
  }
  return result;
}

/** Fills a folder under another name and renames it, so that it is whole or absent. */
function make(folder: string, base: string, node: string): void {
  const draft = mkdtempSync(join(base, '.mirai-box-draft-'));
  try {
    mkdirSync(join(draft, 'etc'));
    mkdirSync(join(draft, 'etc', 'alternatives'));
    for (const [name, text] of Object.entries(ETC)) writeReadable(join(draft, 'etc', name), text);
    copyFileSync(node, join(draft, 'node'), constants.COPYFILE_FICLONE);
    if (digest(join(draft, 'node')) !== digest(node)) throw new Error('the copy of Node differs');
    chmodSync(join(draft, 'node'), 0o755);
    for (const path of ['', 'etc', 'etc/alternatives']) chmodSync(join(draft, path), 0o755);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another shell was quicker; its folder is checked by the caller.
    if (!existsSync(folder)) throw error;
  }
}

function writeReadable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
