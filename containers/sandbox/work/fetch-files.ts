import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../contract.ts';
import type { PlacedFile } from './box.ts';

const FETCH_MS = 120_000;

/**
 * Brings a job's files into its folder, under names of this side's own.
 *
 * @throws Error when one cannot be had, is not what its digest says, or all are more than the workspace
 */
export async function fetchFiles(
  { files, limits }: Pick<Job, 'files' | 'limits'>,
  folder: string,
  signal: AbortSignal,
): Promise<PlacedFile[]> {
  const placed: PlacedFile[] = [];
  let left = limits.workspace_bytes;
  for (const [index, { path, url, sha256 }] of files.entries()) {
    const content = await fetchBytes(path, url, left, signal);
    left -= content.length;
    if (createHash('sha256').update(content).digest('hex') !== sha256) {
      throw new Error(`the file ${path} is not what its digest says`);
    }
    const source = join(folder, `file-${index}`);
    writeFileSync(source, content, { mode: 0o444 });
    placed.push({ path, source });
  }
  return placed;
}

async function fetchBytes(
  path: string,
  url: string,
  most: number,
  outer: AbortSignal,
): Promise<Buffer> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(FETCH_MS)]);
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`the file ${path} could not be fetched: ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) throw new Error(`the files are larger than the workspace`);
  }
  return Buffer.concat(chunks);
}
