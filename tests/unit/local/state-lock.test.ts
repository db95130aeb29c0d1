import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockState } from '#local/state-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another process that holds the lock until it is killed. */
async function holder() {
  const script = `import { lockState } from ${JSON.stringify(join(process.cwd(), 'local/state-lock.ts'))};
    lockState(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a state folder', () => {
  it('is held by one process, which a second is told of', async () => {
    const child = await holder();

    expect(() => lockState(folder)).toThrow(`in use by the process ${child.pid}`);

    child.kill('SIGKILL');
    await once(child, 'exit');
    lockState(folder)();
  });

  it('can be given back and taken again', () => {
    lockState(folder)();

    const unlock = lockState(folder);

    expect(unlock).not.toThrow();
  });
});
