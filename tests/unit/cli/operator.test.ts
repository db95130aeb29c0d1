import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chosenModel } from '#clients/cli/operator/model-choice.ts';
import {
  keepRecord,
  runningPlatform,
  stopPlatform,
} from '#clients/cli/operator/platform-record.ts';
import { isFree } from '#clients/cli/operator/ports.ts';
import { endProcess, identify, isAlive } from '#clients/cli/operator/process-identity.ts';
import { openState, writeState } from '#clients/cli/operator/state-folder.ts';
import { startTourModel } from '#clients/cli/operator/tour-model.ts';

let state: string;
beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), 'operator-')), 'state');
  openState(state);
});
afterEach(() => rmSync(state, { recursive: true }));

const idle = (stdio: Parameters<typeof spawn>[2]['stdio'] = 'ignore') =>
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio });

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isSo(); i += 1) await sleep(10);
  expect(isSo()).toBe(true);
}

describe('a process', () => {
  it('is told from a later one with its number', async () => {
    const child = idle();
    const identity = identify(child.pid ?? 0);
    expect(identity && isAlive(identity)).toBe(true);
    expect(isAlive({ pid: child.pid ?? 0, started: '1' })).toBe(false);
    expect(await endProcess({ pid: child.pid ?? 0, started: '1' }, 100)).toBe(false);
    expect(identity && (await endProcess(identity, 1000))).toBe(true);
    expect(identity && isAlive(identity)).toBe(false);
  });

  it('that does not listen is made to end', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo on; while :; do sleep 1; done']);
    await new Promise((ready) => child.stdout.once('data', ready));
    const identity = identify(child.pid ?? 0);
    expect(identity && (await endProcess(identity, 50))).toBe(true);
  });
});

describe('the record of a platform', () => {
  const record = (pid: number) => ({
    cloud: identify(pid) ?? { pid, started: 'gone' },
    model: null,
    endpoint: 'http://127.0.0.1:1',
    model_url: '',
    model_name: '',
  });

  it('is believed only while its process lives', async () => {
    const child = idle();
    keepRecord(state, record(child.pid ?? 0));
    expect(runningPlatform(state)?.cloud.pid).toBe(child.pid);
    expect(await stopPlatform(state)).toBe(true);
    expect(runningPlatform(state)).toBeUndefined();
    expect(await stopPlatform(state)).toBe(false);
  });

  it('of a crash stops nobody else', async () => {
    keepRecord(state, { ...record(process.pid), cloud: { pid: process.pid, started: 'before' } });
    expect(runningPlatform(state)).toBeUndefined();
    expect(await stopPlatform(state)).toBe(false);
  });
});

describe('the state folder', () => {
  it('and what is in it belong to its owner alone', () => {
    writeState(join(state, 'keys', 'a.json'), { secret: 1 });
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(join(state, 'keys')).mode & 0o777).toBe(0o700);
    expect(statSync(join(state, 'keys', 'a.json')).mode & 0o777).toBe(0o600);
  });
});

describe('the tour model', () => {
  it('lives as long as the process that holds its stdin, and comes back on its port', async () => {
    const first = await startTourModel(state);
    const identity = identify(first.process.pid ?? 0);
    const holder = idle(['ignore', 'ignore', 'ignore', first.process.stdin]);
    first.process.stdin?.destroy();
    await sleep(100);
    expect(identity && isAlive(identity)).toBe(true);
    expect((await fetch(`${first.url}/models`)).status).toBe(200);
    holder.kill('SIGKILL');
    await until(() => !identity || !isAlive(identity));
    const second = await startTourModel(state);
    expect(second.url).toBe(first.url);
    second.process.stdin?.destroy();
    await until(() => second.process.exitCode !== null);
  });

  it('takes another port when its own is taken', async () => {
    const first = await startTourModel(state);
    first.process.stdin?.destroy();
    await until(() => first.process.exitCode !== null);
    const port = Number(new URL(first.url).port);
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((ready) => other.once('listening', ready));
    expect((other.address() as AddressInfo).port).toBe(port);
    expect(await isFree(port)).toBe(false);
    const second = await startTourModel(state);
    expect(second.url).not.toBe(first.url);
    second.process.stdin?.destroy();
    other.close();
  });
});

describe('the choice of a model', () => {
  it.each([
    [{}, undefined],
    [
      { OPENAI_API_KEY: 'k' },
      { url: 'https://api.openai.com/v1', name: 'gpt-4o-mini', apiKey: 'k' },
    ],
    [
      { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'm' },
      { url: 'http://127.0.0.1:1/v1', name: 'm', apiKey: undefined },
    ],
  ])('follows the environment %j', (env, choice) => {
    expect(chosenModel({ env })).toEqual(choice);
  });
});
