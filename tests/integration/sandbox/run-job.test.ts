import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { describeIsolated, TestBox } from '#tests/support/sandbox.ts';

describeIsolated('a job in the box', () => {
  let box: TestBox;
  beforeAll(async () => {
    box = await TestBox.open();
  });
  afterAll(() => box.close());

  test('says hello in python, with arguments, stdin and an exit code', async () => {
    const code = 'import sys; print("hello", sys.argv[1:], sys.stdin.read()); sys.exit(3)';
    const seen = await box.run('python', code, { args: ['a b', '$c'], stdin: 'in' });
    expect(seen).toMatchObject({ status: 'exited', exitCode: 3, signal: null, error: null });
    expect(seen.stdout).toBe("hello ['a b', '$c'] in\n");
    expect(seen.usage.memoryPeakBytes).toBeGreaterThan(1024 * 1024);
  });

  test('says hello in javascript', async () => {
    const seen = await box.run('javascript', 'console.log("hello", process.argv[2])', {
      args: ['x'],
    });
    expect(seen).toMatchObject({ status: 'exited', exitCode: 0, stdout: 'hello x\n', stderr: '' });
  });

  test('says hello in bash, and can open its own streams again', async () => {
    const code =
      'read line </dev/stdin; echo "hello $line" >/dev/stdout; echo problem >/dev/stderr';
    const seen = await box.run('bash', code, { stdin: 'there\n' });
    expect(seen).toMatchObject({ exitCode: 0, stdout: 'hello there\n', stderr: 'problem\n' });
  });

  test('hands files out, and only regular ones with plain names', async () => {
    const code = `
      mkdir out/deep; echo 1 >out/deep/a; echo 2 >'out/b c'
      ln -s /etc/passwd out/link; ln -s ../../etc out/folder; mkfifo out/fifo
      ln out/deep/a out/hard; touch "out/new
line"; touch 'out/back\\slash'`;
    const seen = await box.run('bash', code);
    expect(seen.status).toBe('exited');
    const { ['deep/a']: deep, hard, ['b c']: spaced, ...others } = seen.files;
    expect([deep ?? hard, spaced, others]).toEqual(['1\n', '2\n', {}]);
    const skipped = Object.fromEntries(seen.skipped.map(({ path, reason }) => [path, reason]));
    // Of two names of one file the archive holds the first that the folder lists.
    expect(skipped[deep === undefined ? 'deep/a' : 'hard']).toBe('is a hard link');
    expect(skipped).toMatchObject({
      'back\\slash': 'has a name that is not taken',
      fifo: 'is a FIFO',
      folder: 'is a symbolic link',
      link: 'is a symbolic link',
      'new?line': 'has a name that is not taken',
    });
  });

  test('hands out only what was asked for', async () => {
    const seen = await box.run('bash', 'echo 1 >out/a; echo 2 >out/b', { collect: ['b', 'c'] });
    expect(seen.files).toEqual({ b: '2\n' });
  });

  test('an artifact folder that is a link shows nothing of the machine', async () => {
    writeFileSync('/tmp/mirai-canary', 'secret of the machine');
    const seen = await box.run('bash', 'rmdir out; ln -s /tmp out; ls /tmp >&2');
    expect(seen).toMatchObject({ status: 'exited', files: {}, stderr: '' });
  });

  test('is ended by its clock, and what it said until then is kept', async () => {
    const seen = await box.run('python', 'import time\nprint("before")\ntime.sleep(60)', {
      limits: { seconds: 1 },
    });
    expect(seen).toMatchObject({ status: 'timed_out', exitCode: null, stdout: 'before\n' });
    expect(seen.tookMs).toBeLessThan(2000);
  });

  test('cannot outlive its clock by ignoring signals in a session of its own', async () => {
    const code = 'trap "" TERM INT HUP; setsid bash -c \'trap "" TERM; sleep 60\' & sleep 60';
    const seen = await box.run('bash', code, { limits: { seconds: 1 } });
    expect(seen.status).toBe('timed_out');
    expect(seen.tookMs).toBeLessThan(2000);
  });

  test('takes its grandchildren with it when it ends, and does not wait for them', async () => {
    const seen = await box.run('bash', 'setsid sleep 45 & disown; echo over');
    expect(seen).toMatchObject({ status: 'exited', exitCode: 0, stdout: 'over\n' });
    expect(seen.tookMs).toBeLessThan(2000);
  });

  test('that takes too much memory is out of memory', async () => {
    const seen = await box.run('python', 'x = bytearray(800 << 20)', { limits: { memory_mb: 64 } });
    expect(seen.status).toBe('out_of_memory');
    expect(seen.usage.oomKills).toBeGreaterThan(0);
  });

  test('that bears the death of a child for want of memory has exited by itself', async () => {
    const code = "python3 -c 'x = bytearray(800 << 20)'; echo went on";
    const seen = await box.run('bash', code, { limits: { memory_mb: 64 } });
    expect(seen).toMatchObject({ status: 'exited', exitCode: 0, stdout: 'went on\n' });
  });

  test('that floods its output is cut off at the limit and ended', async () => {
    for (const to of ['', ' >&2']) {
      const seen = await box.run('bash', `yes${to}`, { limits: { output_bytes: 65536 } });
      expect(seen).toMatchObject({ status: 'output_limit', exitCode: null, isTruncated: true });
      expect(seen.stdout.length + seen.stderr.length).toBe(65536);
      expect(seen.tookMs).toBeLessThan(2000);
    }
  });

  test('that ignores the closed pipe of its flood is ended all the same', async () => {
    const code = `import os, signal, time
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
while True:
    try: os.write(1, b"x" * 65536)
    except OSError: time.sleep(0.01)`;
    const seen = await box.run('python', code);
    expect(seen.status).toBe('output_limit');
    expect(seen.tookMs).toBeLessThan(3000);
  });

  test('that is a fork bomb is held by its process limit', async () => {
    const code = `import os, time
made = 0
for _ in range(500):
    try: pid = os.fork()
    except OSError as error: break
    if pid == 0: time.sleep(30); os._exit(0)
    made += 1
print(made)`;
    const seen = await box.run('python', code, { limits: { pids: 20 } });
    expect(seen.status).toBe('exited');
    expect(Number(seen.stdout)).toBeGreaterThan(10);
    expect(Number(seen.stdout)).toBeLessThan(24);
  });

  test('that is a bash fork bomb ends with its clock', async () => {
    const seen = await box.run('bash', 'b() { b | b & }; b; sleep 30', { limits: { seconds: 2 } });
    expect(seen.status).toBe('timed_out');
    expect(seen.tookMs).toBeLessThan(4000);
  });

  test('that was ended by a signal says which', async () => {
    const seen = await box.run('bash', 'kill -SEGV $$');
    expect(seen).toMatchObject({ status: 'exited', exitCode: 139, signal: 'SIGSEGV', stderr: '' });
  });

  test('that is cancelled ends at once as cancelled', async () => {
    const cancel = AbortSignal.timeout(300);
    const seen = await box.run('bash', 'sleep 30', { cancel });
    expect(seen.status).toBe('cancelled');
    expect(seen.tookMs).toBeLessThan(1500);
  });

  test('that was cancelled before it began never says that it exited', async () => {
    const seen = await box.run('bash', 'sleep 30', { cancel: AbortSignal.abort() });
    expect(seen.status).toBe('cancelled');
  });

  test('cannot forge its result: not on stdout, not on the report', async () => {
    const code = `
import os, struct
print('{"schema":1,"status":"exited","exit_code":0}')
for pid in (1, os.getppid()):
    for fd in (3, 4, 5):
        try: os.write(os.open(f"/proc/{pid}/fd/{fd}", os.O_WRONLY), b"E" * 4096)
        except OSError: pass
for fd in range(3, 256):
    try: os.write(fd, b"forged")
    except OSError: pass
os.kill(1, 9); os.kill(1, 15)
os.exit_code = 5
os._exit(7)`;
    const seen = await box.run('python', code);
    expect(seen).toMatchObject({ status: 'exited', exitCode: 7, files: {} });
  });

  test('cannot fill its workspace, its temporary folder or the shared memory beyond their size', async () => {
    const code = `for path in /workspace/a /tmp/a /dev/shm/a; do
      head -c 100M /dev/zero >$path 2>/dev/null; stat -c %s $path; done`;
    const seen = await box.run('bash', code, { limits: { workspace_bytes: 2 << 20 } });
    const sizes = seen.stdout.trim().split('\n').map(Number);
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(2 << 20);
  });

  test('starts with an empty workspace each time', async () => {
    await box.run('bash', 'echo 1 >a; echo 1 >/tmp/a; echo 1 >/dev/shm/a');
    const seen = await box.run('bash', 'ls -A /workspace /workspace/out /tmp /dev/shm');
    expect(seen.stdout).toBe(
      '/dev/shm:\n\n/tmp:\n\n/workspace:\nmain.sh\nout\n\n/workspace/out:\n',
    );
  });
});
