import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from '../screen/terminal.ts';
import { messageOf } from '../failure.ts';
import { prepareAssembly } from './prepare-assembly.ts';
import { ROOT } from './state-folder.ts';

const WATCHED = ['functions', 'shared', 'step-functions', 'infra', 'containers/sandbox'];
/** An editor writes a file in several steps. */
const SETTLE_MS = 60;

/**
 * Keeps a running cloud at what the sources say: bundles and synthesizes what changed and has the
 * cloud load it. Runs until the signal.
 */
export async function reloadOnChange(
  endpoint: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  let isStale = false;
  let wake: () => void = () => undefined;
  const watchers = WATCHED.map((folder) =>
    watch(join(ROOT, folder), { recursive: true, signal }, (_kind, name) => {
      if (name?.endsWith('~') || name?.includes('.swp')) return;
      isStale = true;
      wake();
    }),
  );
  for (const watcher of watchers) watcher.on('error', () => undefined);
  signal.addEventListener('abort', () => wake());
  while (!signal.aborted) {
    if (!isStale) await new Promise<void>((resolve) => (wake = resolve));
    if (signal.aborted) return;
    await sleep(SETTLE_MS);
    isStale = false;
    await reload(endpoint, terminal);
  }
}

async function reload(endpoint: string, terminal: Terminal): Promise<void> {
  const began = performance.now();
  try {
    await prepareAssembly();
    const answer = await fetch(`${endpoint}/_local/reload`, { method: 'POST' });
    const said = await answer.text();
    if (!answer.ok) throw new Error(said);
    terminal.remark(`reloaded in ${Math.round(performance.now() - began)} ms`);
  } catch (error) {
    terminal.remark(`not reloaded: ${messageOf(error)}`);
  }
}
