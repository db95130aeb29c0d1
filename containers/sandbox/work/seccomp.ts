import { SYSCALLS } from './seccomp-syscalls.ts';

/** The architectures for which there is a filter. */
export type Architecture = 'x64' | 'arm64';

/** Audit architecture words of linux/audit.h: what a system call says of the ABI that it came by. */
const AUDIT_ARCH: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** x32 calls arrive as x86-64 with this bit set. */
const X32_BIT = 0x40000000;

const KILL_PROCESS = 0x80000000;
const ALLOW = 0x7fff0000;
/** `SECCOMP_RET_ERRNO` with an errno in its low 16 bits. */
const errno = (number: number) => 0x00050000 | number;
const EPERM = errno(1);
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);

const AF_UNIX = 1;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of linux/sched.h. */
const CLONE_NEW = 0x7e020000;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** `personality` may ask (0xffffffff), stay plain (0), or turn address randomisation off. */
const PERSONALITIES = [0, 0x0040000, 0xffffffff];

// struct seccomp_data: nr at 0, arch at 4, instruction pointer at 8, args (64 bits each) at 16.
const NR = 0;
const ARCH = 4;
const argument = (index: number) => 16 + 8 * index;

// Classic BPF operations of linux/filter.h.
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/** One classic BPF instruction. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const load = (offset: number): Instruction => ({ code: LOAD_WORD, jt: 0, jf: 0, k: offset });
const end = (verdict: number): Instruction => ({ code: RETURN, jt: 0, jf: 0, k: verdict });
const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({
  code,
  jt,
  jf,
  k,
});

/** A run of neighbouring system call numbers that share one end. */
interface Span {
  readonly from: number;
  readonly code: readonly Instruction[];
}

/**
 * The seccomp filter of the box, as instructions: an allow list. A foreign ABI (i386, x32) kills the
 * process; sockets exist in the family AF_UNIX alone; no call makes a namespace; what is not known
 * answers ENOSYS.
 */
export function assembleFilter(architecture: Architecture): readonly Instruction[] {
  const head = [
    load(ARCH),
    jump(JUMP_EQUAL, AUDIT_ARCH[architecture], 1, 0),
    end(KILL_PROCESS),
    load(NR),
  ];
  const x32 =
    architecture === 'x64' ? [jump(JUMP_GREATER_OR_EQUAL, X32_BIT, 0, 1), end(KILL_PROCESS)] : [];
  return [...head, ...x32, ...search(spans(architecture))];
}

/** The filter as the kernel reads it: 8 bytes an instruction, little endian. */
export function filterBytes(architecture: Architecture): Buffer {
  const program = assembleFilter(architecture);
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  });
  return bytes;
}

/** The architecture of this machine. @throws Error naming an architecture without a filter */
export function ownArchitecture(name: string = process.arch): Architecture {
  if (name === 'x64' || name === 'arm64') return name;
  throw new Error(`there is no system call filter for the architecture ${name}`);
}

/** Decides by an argument: `code` compares the low word of the argument at `index` with `values`. */
function judgeArgument(
  index: number,
  code: number,
  values: readonly number[],
  hit: number,
  miss: number,
): Instruction[] {
  const tests = values.map((value, at) => jump(code, value, values.length - at, 0));
  return [load(argument(index)), ...tests, end(miss), end(hit)];
}

/**
 * Only the low word of each argument is looked at: the kernel itself takes `int` for a socket's
 * family, `unsigned int` for an ioctl and a personality, and the CLONE_NEW flags lie in the low word.
 */
function judged(name: string): Instruction[] {
  switch (name) {
    case 'socket':
    case 'socketpair':
      return judgeArgument(0, JUMP_EQUAL, [AF_UNIX], ALLOW, EAFNOSUPPORT);
    case 'clone':
      return judgeArgument(0, JUMP_ANY_BIT, [CLONE_NEW], EPERM, ALLOW);
    case 'ioctl':
      return judgeArgument(1, JUMP_EQUAL, [TIOCSTI, TIOCLINUX], EPERM, ALLOW);
    case 'personality':
      return judgeArgument(0, JUMP_EQUAL, PERSONALITIES, ALLOW, EPERM);
    default:
      throw new Error(`no rule judges the system call ${name}`);
  }
}

function spans(architecture: Architecture): Span[] {
  const ends = new Map<number, readonly Instruction[]>();
  for (const syscall of SYSCALLS) {
    const number = syscall[architecture];
    if (number === undefined) continue;
    if (syscall.class === 'judged') ends.set(number, judged(syscall.name));
    else ends.set(number, [end(syscall.class === 'allowed' ? ALLOW : EPERM)]);
  }
  const unknown = [end(ENOSYS)];
  const result: Span[] = [];
  const last = Math.max(...ends.keys());
  for (let number = 0; number <= last + 1; number += 1) {
    const code = ends.get(number) ?? unknown;
    if (!result.at(-1) || !isSame(result.at(-1)?.code ?? [], code))
      result.push({ from: number, code });
  }
  return result;
}

function isSame(a: readonly Instruction[], b: readonly Instruction[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A binary search over the spans; offsets of a jump reach 255 instructions, so halves are inlined. */
function search(list: readonly Span[]): Instruction[] {
  const [only] = list;
  if (list.length === 1 && only) return [...only.code];
  const middle = list.length >> 1;
  const low = search(list.slice(0, middle));
  const high = search(list.slice(middle));
  const from = list[middle]?.from ?? 0;
  if (low.length <= 255) return [jump(JUMP_GREATER_OR_EQUAL, from, low.length, 0), ...low, ...high];
  const far: Instruction = { code: 0x05, jt: 0, jf: 0, k: low.length };
  return [jump(JUMP_GREATER_OR_EQUAL, from, 0, 1), far, ...low, ...high];
}
