import type { Instruction } from '#containers/sandbox/work/seccomp.ts';

/** What the kernel hands to a filter. */
export interface SystemCall {
  readonly number: number;
  readonly arch: number;
  /** 64 bits each. @default all 0 */
  readonly args?: readonly bigint[];
}

/**
 * Runs a classic BPF program on a system call as the kernel does.
 *
 * @returns the verdict
 * @throws Error when the program is not one that the kernel would take
 */
export function runFilter(program: readonly Instruction[], call: SystemCall): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, 0);
  data.writeUInt32LE(call.arch >>> 0, 4);
  (call.args ?? []).forEach((value, index) =>
    data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * index),
  );
  let accumulator = 0;
  for (let at = 0; at < program.length;) {
    const { code, jt, jf, k } = program[at]!;
    at += 1;
    const jump = (isTaken: boolean) => {
      at += isTaken ? jt : jf;
    };
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x05) at += k;
    else if (code === 0x06) return k >>> 0;
    else if (code === 0x15) jump(accumulator === k >>> 0);
    else if (code === 0x35) jump(accumulator >= k >>> 0);
    else if (code === 0x45) jump((accumulator & k) !== 0);
    else throw new Error(`the instruction ${code} is not one that the filter may use`);
  }
  throw new Error('the program runs off its end');
}
