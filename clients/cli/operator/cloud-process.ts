import { spawn } from 'node:child_process';
import { openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import * as z from 'zod/mini';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { readState, ROOT } from './state-folder.ts';

/** Nothing of the caller's environment that could be a secret reaches the cloud and its functions. */
function plainEnvironment(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return { PATH, HOME, TMPDIR, LANG, NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled') };
}

/** What the local cloud writes down once it serves. */
const Runtime = z.looseObject({
  pid: z.int(),
  endpoint: z.string(),
  /** The stacks' outputs by name. */
  outputs: z.record(z.string(), z.string()),
});

export interface RunningCloud {
  readonly identity: ProcessIdentity;
  readonly endpoint: string;
  readonly outputs: Readonly<Record<string, string>>;
}

interface CloudSettings {
  readonly state: string;
  readonly port: number | undefined;
  /** Values of the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Handed on as they were typed, such as `duplicate=0.2`. */
  readonly faults: readonly string[];
  /** Held open for as long as the cloud lives: the stdin of the model that works for it. */
  readonly holds: Writable | undefined;
}

/** Ready within 3 s when warm; a first start on a slow disk takes longer. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 15;

/** Where the cloud's own words go. */
const cloudLog = (state: string): string => join(state, 'cloud.log');
const runtimePath = (state: string): string => join(state, 'runtime.json');

/**
 * Starts the local cloud by itself, so that it outlives this process, and waits until it serves.
 *
 * @throws Error with the end of its log, when it ends instead
 */
export async function startCloud(settings: CloudSettings): Promise<RunningCloud> {
  const { state, port, parameters, faults, holds } = settings;
  const logPath = cloudLog(state);
  const log = openSync(logPath, 'a', 0o600);
  const said = statSync(logPath).size;
  const args = [
    join(ROOT, 'local', 'main.ts'),
    ...['--assembly', join(ROOT, 'cdk.out'), '--state', state],
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...['--parameters', JSON.stringify(parameters)],
    ...faults.flatMap((fault) => ['--fault', fault]),
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log, log, ...(holds ? [holds] : [])],
    env: plainEnvironment(),
  });
  child.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const deadline = Date.now() + PATIENCE_MS;
  while (identity && child.exitCode === null && child.signalCode === null) {
    const runtime = readState(runtimePath(state), Runtime);
    if (runtime?.pid === identity.pid)
      return { identity, endpoint: runtime.endpoint, outputs: runtime.outputs };
    if (Date.now() > deadline) break;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(
    `The local cloud did not start.\n${readFileSync(logPath, 'utf8').slice(said).trim().slice(-2000)}`,
  );
}
