import { describe, expect, test } from '@jest/globals';
import { SYSCALLS } from '#containers/sandbox/work/seccomp-syscalls.ts';
import {
  assembleFilter,
  filterBytes,
  ownArchitecture,
  type Architecture,
} from '#containers/sandbox/work/seccomp.ts';
import { runFilter } from '#tests/support/run-filter.ts';

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (number: number) => 0x00050000 | number;
const EPERM = errno(1);
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);
const ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };
const I386 = 0x40000003;
const ARM = 0x40000028;
const ARCHITECTURES: readonly Architecture[] = ['x64', 'arm64'];

describe.each(ARCHITECTURES)('the filter of %s', (architecture) => {
  const program = assembleFilter(architecture);
  const verdict = (number: number, ...args: bigint[]) =>
    runFilter(program, { number, arch: ARCH[architecture], args });
  const numberOf = (name: string) => {
    const number = SYSCALLS.find((syscall) => syscall.name === name)?.[architecture];
    if (number === undefined) throw new Error(`${name} has no number`);
    return number;
  };

  test('gives each number from 0 to 1023 the verdict of its class, and ENOSYS to the unknown', () => {
    const classes = new Map(SYSCALLS.map((syscall) => [syscall[architecture], syscall]));
    for (let number = 0; number < 1024; number += 1) {
      const known = classes.get(number);
      if (known?.class === 'judged') continue;
      const expected = known === undefined ? ENOSYS : known.class === 'allowed' ? ALLOW : EPERM;
      expect([known?.name, verdict(number)]).toEqual([known?.name, expected]);
    }
  });

  test('allows no number beyond its table, up to the highest', () => {
    const last = Math.max(...SYSCALLS.map((syscall) => syscall[architecture] ?? 0));
    for (const number of [
      last + 1,
      0xffff,
      0x10000,
      0x3fffffff,
      0x40000000,
      0x7fffffff,
      0xffffffff,
    ]) {
      expect(verdict(number)).not.toBe(ALLOW);
    }
  });

  test('kills a process that calls by the table of another architecture', () => {
    const others = [I386, ARM, ...Object.values(ARCH), 0].filter(
      (arch) => arch !== ARCH[architecture],
    );
    for (const arch of others) {
      for (let number = 0; number < 500; number += 1) {
        expect(runFilter(program, { number, arch })).toBe(KILL_PROCESS);
      }
    }
  });

  test('makes sockets and pairs of the family AF_UNIX alone', () => {
    for (const name of ['socket', 'socketpair']) {
      for (let family = 0n; family < 64n; family += 1n) {
        expect(verdict(numberOf(name), family, 1n)).toBe(family === 1n ? ALLOW : EAFNOSUPPORT);
      }
      // The kernel reads the low word: what stands above it changes nothing.
      expect(verdict(numberOf(name), (1n << 32n) | 2n)).toBe(EAFNOSUPPORT);
      expect(verdict(numberOf(name), (2n << 32n) | 1n)).toBe(ALLOW);
    }
  });

  test('clones threads and children, and no namespace', () => {
    const thread = 0x3d0f00n;
    const child = 0x01200011n;
    expect([verdict(numberOf('clone'), thread), verdict(numberOf('clone'), child)]).toEqual([
      ALLOW,
      ALLOW,
    ]);
    for (const bit of [17n, 25n, 26n, 27n, 28n, 29n, 30n]) {
      expect(verdict(numberOf('clone'), (1n << bit) | 17n)).toBe(EPERM);
    }
  });

  test('says that clone3 does not exist, so that libraries fall back to clone', () => {
    expect(verdict(435)).toBe(ENOSYS);
  });

  test('refuses to put input into a terminal, whatever stands in the high word', () => {
    for (const request of [0x5412n, 0x541cn]) {
      expect(verdict(numberOf('ioctl'), 0n, request)).toBe(EPERM);
      expect(verdict(numberOf('ioctl'), 0n, (7n << 32n) | request)).toBe(EPERM);
    }
    expect(verdict(numberOf('ioctl'), 0n, 0x5401n)).toBe(ALLOW);
  });

  test('lets a personality be asked and randomisation be turned off, nothing else', () => {
    for (const value of [0n, 0x40000n, 0xffffffffn]) {
      expect(verdict(numberOf('personality'), value)).toBe(ALLOW);
    }
    for (const value of [0x400000n, 8n, 0x20000n]) {
      expect(verdict(numberOf('personality'), value)).toBe(EPERM);
    }
  });

  test.each([
    'ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp',
    'io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd',
    'keyctl add_key request_key mount umount2 pivot_root chroot unshare setns',
    'open_tree move_mount fsopen fsmount mount_setattr open_by_handle_at name_to_handle_at',
    'init_module finit_module kexec_load reboot syslog settimeofday clock_settime seccomp',
  ])('refuses %s', (names) => {
    for (const name of names.split(' '))
      expect([name, verdict(numberOf(name))]).toEqual([name, EPERM]);
  });

  test('is a program that the kernel takes: short, jumping forward within itself, ending in a verdict', () => {
    expect(program.length).toBeLessThanOrEqual(4096);
    program.forEach(({ code, jt, jf, k }, at) => {
      expect(
        [jt, jf].every((offset) => Number.isInteger(offset) && offset >= 0 && offset <= 255),
      ).toBe(true);
      const furthest = code === 0x05 ? k : Math.max(jt, jf);
      if (code !== 0x06) expect(at + 1 + furthest).toBeLessThan(program.length);
    });
    expect(program.at(-1)?.code).toBe(0x06);
    expect(filterBytes(architecture).length).toBe(program.length * 8);
  });
});

test('a system call has one class, and a number one system call', () => {
  for (const architecture of ARCHITECTURES) {
    const numbers = SYSCALLS.flatMap((syscall) => syscall[architecture] ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
  expect(new Set(SYSCALLS.map(({ name }) => name)).size).toBe(SYSCALLS.length);
});

test('x32 calls die under the filter of x86-64, the first and the last', () => {
  const program = assembleFilter('x64');
  for (const number of [0x40000000, 0x40000027, 0x40000221, 0xffffffff]) {
    expect(runFilter(program, { number, arch: ARCH.x64 })).toBe(KILL_PROCESS);
  }
});

test('an architecture without a filter is refused by its name', () => {
  expect(() => ownArchitecture('riscv64')).toThrow('riscv64');
});

test('a program has the bytes that the kernel reads', () => {
  const [load, jump] = [filterBytes('x64').subarray(0, 8), filterBytes('x64').subarray(8, 16)];
  expect([load.toString('hex'), jump.toString('hex')]).toEqual([
    '2000000004000000',
    '150001003e0000c0',
  ]);
});
