import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleShell, leaseCloud } from '../../support/lease-cloud.ts';
import { describeIsolated } from '../../support/sandbox.ts';

/** Seconds that mark the processes of these tests. */
const MARK = '4843';
const JOB = `setsid sleep ${MARK} & sleep ${MARK}`;

describeIsolated('the mailbox shell', () => {
  let lease: Awaited<ReturnType<typeof leaseCloud>>;
  let folder: string;

  beforeEach(async () => {
    lease = await leaseCloud(async () => undefined);
    folder = mkdtempSync(join(homedir(), '.mirai-shell-test-'));
    await bundleShell(folder);
    chmodSync(folder, 0o700);
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await lease.close();
  });

  async function start(): Promise<ChildProcess> {
    return spawn(process.execPath, ['main.cjs', '--box', 'bubblewrap'], {
      cwd: folder,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { MAILBOX_URL: await lease.signed('jobs/1.json') },
    });
  }

  const sleepers = () =>
    execFileSync('/bin/ps', ['-eo', 'args'])
      .toString()
      .split('\n')
      .filter((line) => line.startsWith(`sleep ${MARK}`));
  const until = async (holds: () => boolean) => {
    for (let wait = 0; wait < 300 && !holds(); wait += 1) await sleep(10);
    expect(holds()).toBe(true);
  };
  /** What the shell with this pid has on the machine: folders, control groups, mounts. */
  const leftBy = (pid: number) => [
    ...readdirSync(tmpdir()).filter((name) => name.startsWith(`mirai-box-${pid}-`)),
    ...execFileSync('/usr/bin/find', [
      '/sys/fs/cgroup',
      '-path',
      `*/mirai-box/${pid}-*`,
      '-type',
      'd',
    ])
      .toString()
      .split('\n')
      .filter(Boolean),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('mirai-box')),
  ];

  it('runs jobs from a folder that nobody else may read', async () => {
    await lease.post(1, { code: 'print("hello")', next_url: undefined });
    const shell = await start();
    const exit = once(shell, 'exit');
    expect(await lease.result(1)).toMatchObject({ status: 'exited', stdout: 'hello\n' });
    expect(await exit).toEqual([0, null]);
    expect(leftBy(shell.pid ?? 0)).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143, null, (shell: ChildProcess) => shell.kill('SIGTERM')],
    ['the end of its stdin', 143, null, (shell: ChildProcess) => shell.stdin?.end()],
  ])('ends its job on %s and leaves nothing', async (_name, code, signal, end) => {
    await lease.post(1, { language: 'bash', code: JOB });
    const shell = await start();
    await until(() => sleepers().length === 2);
    end(shell);
    expect(await once(shell, 'exit')).toEqual([code, signal]);
    await until(() => sleepers().length === 0);
    expect(leftBy(shell.pid ?? 0)).toEqual([]);
  });

  it('takes its job with it when it is killed, and the next shell sweeps what is left', async () => {
    await lease.post(1, { language: 'bash', code: JOB });
    const shell = await start();
    await until(() => sleepers().length === 2);
    shell.kill('SIGKILL');
    await once(shell, 'exit');
    await until(() => sleepers().length === 0);
    await lease.post(1, { next_url: undefined });
    const next = await start();
    await once(next, 'exit');
    expect(leftBy(shell.pid ?? 0)).toEqual([]);
  });
});
