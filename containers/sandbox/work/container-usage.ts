import { readFileSync } from 'node:fs';
import type { BoxUsage } from './box.ts';

const FOLDER = '/sys/fs/cgroup';

/**
 * What the kernel has counted so far for the container that this process runs in, the shell
 * included; zero for what the container may not read.
 *
 * @param folder where the container sees its control group; another one in tests
 */
export function containerUsage(folder: string = FOLDER): BoxUsage {
  const read = (...paths: readonly string[]) => firstText(paths.map((path) => `${folder}/${path}`));
  const nanoseconds = Number(read('cpuacct/cpuacct.usage') ?? NaN);
  const microseconds = counter(read('cpu.stat'), 'usage_usec');
  const peak = read('memory.peak', 'memory.current', 'memory/memory.max_usage_in_bytes');
  const events = read('memory.events', 'memory/memory.oom_control');
  return {
    cpuMs: Math.round(Number.isNaN(nanoseconds) ? microseconds / 1e3 : nanoseconds / 1e6),
    memoryPeakBytes: Number(peak ?? 0),
    oomKills: counter(events, 'oom_kill'),
  };
}

function firstText(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next one is of the other version.
    }
  }
  return undefined;
}

function counter(text: string | undefined, name: string): number {
  const line = text?.split('\n').find((row) => row.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
