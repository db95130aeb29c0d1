import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as z from 'zod/mini';

/** The folder of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The folder of the state, made where it is missing, closed to others. */
export function openState(state: string): void {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  chmodSync(state, 0o700);
}

/** A JSON document of the state folder, or undefined when it is not there or not whole. */
export function readState<Schema extends z.ZodMiniType>(
  path: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a JSON document that only its owner may read; whoever reads it sees the old or the new one. */
export function writeState(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
