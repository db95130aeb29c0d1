import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The SHA-256 of some texts or bytes, each told apart from the next, in hexadecimal. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

/** The paths of all files under a folder, relative to it, sorted; none if there is no such folder. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The SHA-256 over the names and contents of files, given relative to a folder. */
export function digestOfFiles(folder: string, paths: readonly string[]): string {
  return digestOf(...paths.flatMap((path) => [path, readFileSync(join(folder, path))]));
}
