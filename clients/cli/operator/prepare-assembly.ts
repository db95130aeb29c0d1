import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './state-folder.ts';

/**
 * Makes bundles and the cloud assembly as far as something changed since the last time.
 *
 * @throws Error with what the compiler or the synthesis says
 */
export async function prepareAssembly(): Promise<void> {
  const script = join(ROOT, 'scripts', 'synth.ts');
  const child = spawn(process.execPath, [script], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled') },
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`The template cannot be made.\n${Buffer.concat(said).toString('utf8').trim()}`);
}
