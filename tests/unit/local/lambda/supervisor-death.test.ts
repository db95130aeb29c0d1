import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

it('the processes of functions end when the local cloud is killed, whatever they do', async () => {
  const supervisor = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids).toHaveLength(3);
  expect(pids.every((pid) => existsSync(`/proc/${pid}`))).toBe(true);

  supervisor.kill('SIGKILL');

  const end = Date.now() + 2000;
  while (pids.some((pid) => existsSync(`/proc/${pid}`)) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const left = pids.filter((pid) => existsSync(`/proc/${pid}`));
  for (const pid of left) process.kill(pid, 'SIGKILL');
  expect(left).toEqual([]);
});
