import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { describeIsolated, TestBox } from '#tests/support/sandbox.ts';

const run = promisify(execFile);

/** Calls a system call by number and prints the errno, or 0. */
const SYSCALL = `
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def syscall(*args):
    result = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return 0 if result >= 0 else ctypes.get_errno()
def opens(*args):
    try: socket.socket(*args).close(); return 0
    except OSError as error: return error.errno
`;

/** Numbers of x86-64. */
const NUMBERS = {
  ptrace: 101,
  process_vm_readv: 310,
  io_uring_setup: 425,
  bpf: 321,
  perf_event_open: 298,
  userfaultfd: 323,
  keyctl: 250,
  add_key: 248,
  mount: 165,
  umount2: 166,
  pivot_root: 155,
  chroot: 161,
  unshare: 272,
  setns: 308,
  open_by_handle_at: 304,
  fanotify_init: 300,
  kexec_load: 246,
  init_module: 175,
  reboot: 169,
  syslog: 103,
  pidfd_getfd: 438,
  seccomp: 317,
  shmget: 29,
  msgget: 68,
  mq_open: 240,
  sync: 162,
};

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

describeIsolated('code that wants out of the box', () => {
  let box: TestBox;
  let listener: Server;
  let abstract: Server;
  beforeAll(async () => {
    box = await TestBox.open();
    listener = createServer((socket) => socket.end('reached'));
    abstract = createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => abstract.listen({ path: '\0mirai-test-attack' }, resolve));
  });
  afterAll(async () => {
    listener.close();
    abstract.close();
    await box.close();
  });

  async function value(code: string, args: readonly string[] = []): Promise<unknown> {
    const seen = await box.run('python', SYSCALL + code, { args: [...args] });
    if (seen.stderr !== '') throw new Error(seen.stderr);
    return JSON.parse(seen.stdout.replaceAll("'", '"')) as unknown;
  }

  test('has no socket of any family but AF_UNIX', async () => {
    const families = '[2, 10, 16, 17, 40, 38, 44, 31, 9]';
    expect(await value(`print([opens(f, socket.SOCK_DGRAM) for f in ${families}])`)).toEqual(
      Array(9).fill(EAFNOSUPPORT),
    );
    expect(await value('print([opens(1), opens(1, socket.SOCK_DGRAM)])')).toEqual([0, 0]);
    // A family that fits into the high word only is still judged by the low one.
    expect(await value('print(syscall(41, (1 << 32) | 2, 1, 0))')).toBe(EAFNOSUPPORT);
  });

  test('reaches no service of the machine, by loopback or by an abstract socket', async () => {
    const { port } = listener.address() as { port: number };
    const connect = `
import json
def reach(make):
    try: return make()
    except OSError as error: return error.errno
def unix():
    s = socket.socket(socket.AF_UNIX); s.connect("\\0mirai-test-attack"); return s.recv(9).decode()
def tcp():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1]))).recv(9).decode()
print(json.dumps([reach(tcp), reach(unix)]))`;
    expect(await value(connect, [String(port)])).toEqual([EAFNOSUPPORT, 111]);
    const outside = await run('/usr/bin/python3', ['-c', SYSCALL + connect, String(port)]);
    expect(JSON.parse(outside.stdout)).toEqual(['reached', 'reached']);
  });

  test('resolves no name', async () => {
    const code = `
try: socket.getaddrinfo("example.com", 80); print(0)
except OSError: print(1)`;
    expect(await value(code)).toBe(1);
  });

  test.each(Object.entries(NUMBERS))('is refused %s', async (_name, number) => {
    if (process.arch !== 'x64') return;
    expect(await value(`print(syscall(${number}, 0, 0, 0, 0, 0))`)).toBe(EPERM);
  });

  test('makes no namespace by clone, and is told that clone3 does not exist', async () => {
    if (process.arch !== 'x64') return;
    const news = [
      0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
    ];
    const code = `print([syscall(56, flag | 17, 0, 0, 0, 0) for flag in ${JSON.stringify(news)}] + [syscall(435, 0, 0)])`;
    expect(await value(code)).toEqual([...news.map(() => EPERM), ENOSYS]);
  });

  test('puts nothing into a terminal', async () => {
    const code = `
import fcntl
def attempt(request):
    try: fcntl.ioctl(0, request, b"x"); return 0
    except OSError as error: return error.errno
print([attempt(0x5412), attempt(0x541c)])`;
    expect(await value(code)).toEqual([EPERM, EPERM]);
  });

  test('dies when it calls by the i386 or the x32 table', async () => {
    if (process.arch !== 'x64') return;
    const machine = `${SYSCALL}
import mmap
code = bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3])
area = mmap.mmap(-1, 4096, prot=7); area.write(code)
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))()`;
    expect(await box.run('python', machine)).toMatchObject({ exitCode: 159, signal: 'SIGSYS' });
    const x32 = `${SYSCALL}\nsyscall(0x40000000 | 39)`;
    expect(await box.run('python', x32)).toMatchObject({ exitCode: 159, signal: 'SIGSYS' });
  });

  test('finds no process but its own, and an unfiltered one nowhere', async () => {
    const code = `
pids = [p for p in os.listdir("/proc") if p.isdigit()]
modes = [open(f"/proc/{p}/status").read().split("Seccomp:")[1].split()[0] for p in pids]
print([len(pids), sorted(set(modes))])`;
    expect(await value(code)).toEqual([2, ['2']]);
  });

  test('reads no environment but the one of the box', async () => {
    const seen = await box.run(
      'bash',
      'cat /proc/1/environ | tr "\\0" "\\n"; env; cat /proc/1/cmdline',
    );
    const names = seen.stdout.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect([...new Set(names)].sort()).toEqual(['HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', '_']);
    expect(seen.stdout).not.toContain('/var/tmp');
  });

  test('holds no descriptor but its three streams', async () => {
    const code = 'print(sorted(os.listdir("/proc/self/fd")))';
    // The fourth is the one that lists them.
    expect(await value(code)).toEqual(['0', '1', '2', '3']);
  });

  test('sees no file of the machine', async () => {
    writeFileSync('/var/tmp/mirai-canary', 'secret of the machine', { mode: 0o644 });
    const paths = [
      '/root',
      '/home',
      '/var',
      '/sys',
      '/run',
      '/boot',
      '/mnt',
      '/etc/shadow',
      '/srv',
    ];
    expect(await value('print([os.path.exists(p) * 1 for p in sys.argv[1:]])', paths)).toEqual(
      paths.map(() => 0),
    );
    expect(await value('print(sorted(os.listdir("/")))')).toEqual(
      expect.not.arrayContaining(['root', 'home', 'var', 'sys', 'run', 'mnt', 'work']),
    );
    const seen = await box.run('bash', `cat /etc/passwd /proc/1/root/etc/passwd; ls /usr/local`);
    expect(seen.stdout).toBe(
      `${'root:x:0:0:root:/:/usr/sbin/nologin\nsandbox:x:65534:65534:sandbox:/tmp:/bin/sh\n'.repeat(2)}bin\n`,
    );
  });

  test('writes nowhere but into its workspace, /tmp and shared memory', async () => {
    const code = `
for path in / /usr /usr/bin /usr/local /usr/local/bin /etc /dev /proc /proc/sys/kernel /bin /lib; do
  (echo x >$path/mirai-test) 2>/dev/null && echo $path
done
(echo x >/usr/local/bin/node) 2>/dev/null && echo node
(echo x >/proc/sys/kernel/core_pattern) 2>/dev/null && echo core_pattern
(echo b >/proc/sysrq-trigger) 2>/dev/null && echo sysrq
mount -o remount,rw / 2>/dev/null && echo remount
mknod /tmp/disk b 8 0 2>/dev/null && echo mknod
exit 0`;
    expect(await box.run('bash', code)).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('gains nothing from programs that change the user', async () => {
    const code =
      'grep -E "^(CapEff|CapPrm|CapBnd|NoNewPrivs)" /proc/self/status; su -c id 2>/dev/null; id -u';
    const seen = await box.run('bash', code);
    expect(seen.stdout.replaceAll('\t', ' ')).toBe(
      `CapPrm: ${'0'.repeat(16)}\nCapEff: ${'0'.repeat(16)}\nCapBnd: ${'0'.repeat(16)}\nNoNewPrivs: 1\n65534\n`,
    );
  });

  test('leaves no process behind, whatever it starts', async () => {
    const mark = '48611';
    await box.run(
      'bash',
      `setsid sleep ${mark} & (sleep ${mark} & ) & nohup sleep ${mark} & disown -a`,
    );
    const listing = execFileSync('/bin/ps', ['-eo', 'args']).toString();
    expect(listing).not.toContain(`sleep ${mark}`);
  });

  test('plants nothing that the next interpreter reads', async () => {
    const code = `
for name in sitecustomize usercustomize; do echo 'print("planted")' >$name.py; done
mkdir -p /tmp/.local/lib/python3.11/site-packages
echo 'import sys; print("planted")' >/tmp/.local/lib/python3.11/site-packages/x.pth
echo 'echo planted' >/tmp/.bashrc
PYTHONSTARTUP=/workspace/sitecustomize.py /usr/bin/python3 -E -s -c 'print("clean")'`;
    expect(await box.run('bash', code)).toMatchObject({ stdout: 'clean\n' });
  });
});
