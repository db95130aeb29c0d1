import { afterAll, beforeAll, describe, expect, it as jestIt } from '@jest/globals';
import type { JobResult } from '#containers/sandbox/contract.ts';
import { containerImage, noImage } from '../../support/container-image.ts';
import { launcherImage, noLauncher } from '../../support/launcher-image.ts';
import { leaseCloud } from '../../support/lease-cloud.ts';

/** Each with its reason not to run. */
const IMAGES = [
  ['a root like that of the image', noLauncher, launcherImage],
  ['the image itself', noImage, containerImage],
] as const;

describe.each(IMAGES)('a job in the launcher’s box, in %s', (_name, obstacle, image) => {
  const it = obstacle === undefined ? jestIt : jestIt.skip;
  if (obstacle !== undefined) jestIt.skip(`skipped: ${obstacle}`, () => undefined);
  let lease: Awaited<ReturnType<typeof leaseCloud>>;
  let number = 0;

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    lease = await leaseCloud(image);
    await lease.lease();
  });

  afterAll(async () => {
    if (obstacle !== undefined) return;
    await lease.leave(number + 1);
    await lease.close();
  });

  const run = async (language: string, code: string, part: object = {}): Promise<JobResult> => {
    number += 1;
    await lease.post(number, { language, code, ...part });
    return lease.result(number);
  };

  it('runs python, javascript and bash, with files in and artifacts out', async () => {
    const long = `${'deep/'.repeat(30)}in.txt`;
    await lease.put('data', 'content');
    const sha256 = 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73';
    const files = [{ path: long, url: await lease.signed('data'), sha256 }];
    const code = `import sys; text = open(sys.argv[1]).read(); print(text, sys.stdin.read()); open("out/a", "w").write(text)`;
    expect(await run('python', code, { files, args: [long], stdin: 'in' })).toMatchObject({
      status: 'exited',
      exit_code: 0,
      stdout: 'content in\n',
      stderr: '',
      artifacts: [{ path: 'a', size: 7, sha256 }],
    });
    expect(await run('javascript', 'console.log("js", process.getuid())')).toMatchObject({
      stdout: expect.stringMatching(/^js 600\d\d\n$/),
      stderr: '',
    });
    expect(await run('bash', 'echo $(id -u) $(id -G); exit 3')).toMatchObject({ exit_code: 3 });
  });

  it('is each time someone else, in an empty workspace', async () => {
    const code =
      'id -u; ls -A /workspace /workspace/out; touch /workspace/left /tmp/left /dev/shm/left';
    const [first, second] = [await run('bash', code), await run('bash', `${code}; ls /tmp`)];
    expect(second.stdout.split('\n')[0]).not.toBe(first.stdout.split('\n')[0]);
    expect(second.stdout).not.toContain('left\n\n');
    expect(second.stdout.match(/left/g)).toHaveLength(1);
  });

  it('has no capability, no privilege to gain, the filter, and its limits', async () => {
    const code = `grep -E "^(CapEff|CapPrm|CapInh|CapAmb|NoNewPrivs|Seccomp):" /proc/self/status
ulimit -c; ulimit -n; ulimit -f; ulimit -u; ulimit -d; cat /proc/1/environ; env | cut -d= -f1 | sort`;
    const { stdout } = await run('bash', code, { limits: { pids: 10, workspace_bytes: 4194304 } });
    const none = '0'.repeat(16);
    expect(stdout.replaceAll('\t', ' ').split('\n')).toEqual([
      ...['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => `${name}: ${none}`),
      ...['NoNewPrivs: 1', 'Seccomp: 2'],
      ...['0', '1024', '4096', '13', String(256 * 1024)],
      ...['HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', '_', ''],
    ]);
  });

  it('opens no socket but AF_UNIX, although the container has a network', async () => {
    const code = `import socket
def opens(family):
    try: socket.socket(family).close(); return 0
    except OSError as error: return error.errno
print([opens(f) for f in (2, 10, 16, 40, 1)])`;
    expect(await run('python', code)).toMatchObject({ stdout: '[97, 97, 97, 97, 0]\n' });
  });

  it('cannot look into the shell, nor end it', async () => {
    const code = `for pid in /proc/[0-9]*; do
  cat $pid/environ 2>/dev/null | tr '\\0' '\\n' | grep MAILBOX
  ls $pid/fd 2>/dev/null >/dev/null && [ $(stat -c %u $pid) != $(id -u) ] && echo open
  [ $(stat -c %u $pid) != $(id -u) ] && kill -9 \${pid#/proc/} 2>/dev/null && echo killed
done; ls /tmp/mirai-box-* 2>&1 | grep -c denied`;
    expect(await run('bash', code)).toMatchObject({ stdout: '1\n' });
    expect(await run('bash', 'echo alive')).toMatchObject({ stdout: 'alive\n' });
  });

  it('is ended by its clock with everything that it started', async () => {
    const code = 'setsid sleep 47 & trap "" TERM; sleep 47';
    const limits = { seconds: 1 };
    expect(await run('bash', code, { limits })).toMatchObject({ status: 'timed_out' });
    expect((await run('bash', 'setsid sleep 47 & echo over')).stdout).toBe('over\n');
    expect((await run('bash', 'pgrep -a sleep; echo none')).stdout).toBe('none\n');
  });

  it('is held by its limits of processes, memory and output', async () => {
    const bomb = `import os, time
made = 0
while True:
    try:
        if os.fork() == 0: time.sleep(20); os._exit(0)
    except OSError: break
    made += 1
print(made)`;
    const forks = await run('python', bomb, { limits: { pids: 20 } });
    expect(Number(forks.stdout)).toBeGreaterThan(10);
    expect(Number(forks.stdout)).toBeLessThan(24);
    const greedy = await run('python', 'x = bytearray(400 << 20)');
    expect(greedy).toMatchObject({ exit_code: 1, stderr: expect.stringContaining('MemoryError') });
    expect(await run('bash', 'yes')).toMatchObject({ status: 'output_limit' });
  });
});
