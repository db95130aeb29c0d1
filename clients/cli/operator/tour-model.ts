import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { rememberedPort, rememberPort } from './ports.ts';
import { ROOT } from './state-folder.ts';

/** The model that is started where no other is named. */
export const TOUR_MODEL = 'mirai-tour';

const Ready = z.object({ ready: z.literal(true), url: z.string() });

export interface TourModel {
  readonly process: ChildProcess;
  /** Base address of its API, with `/v1`. */
  readonly url: string;
}

/**
 * Starts mirai-tour on the port it had before, as runs that began earlier still call it there; on
 * another one if that is taken. It ends when nobody holds its stdin any more.
 */
export async function startTourModel(state: string): Promise<TourModel> {
  const port = rememberedPort(state, 'model') ?? 0;
  const model = (await launch(state, port)) ?? (port > 0 ? await launch(state, 0) : undefined);
  if (!model) throw new Error(`mirai-tour does not start; see ${join(state, 'model.log')}`);
  rememberPort(state, 'model', model.url);
  return model;
}

/** Undefined when it ended instead of getting ready. */
async function launch(state: string, port: number): Promise<TourModel | undefined> {
  const log = openSync(join(state, 'model.log'), 'a', 0o600);
  const program = join(ROOT, 'containers', 'tour-model', 'main.ts');
  const child = spawn(process.execPath, [program, '--port', String(port)], {
    cwd: ROOT,
    detached: true,
    stdio: ['pipe', 'pipe', log],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled') },
  });
  const lines = createInterface(child.stdout!);
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => text as string),
    once(child, 'exit').then(() => undefined),
  ]);
  lines.close();
  if (line === undefined) return undefined;
  child.stdout?.destroy();
  child.unref();
  return { process: child, url: Ready.parse(JSON.parse(line)).url };
}
