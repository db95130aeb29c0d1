import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './process-identity.ts';

/** The folder, below each hierarchy's base, that holds the groups of all boxes. */
export const GROUPS_FOLDER = 'mirai-box';

/** Length of the scheduler's accounting period, in microseconds: the kernel's default. */
const CPU_PERIOD_US = 100_000;

export interface GroupLimits {
  readonly memoryBytes: number;
  readonly pids: number;
  /** Cores' worth of time; may be a fraction. */
  readonly cpus: number;
}

/** What the kernel counted for a group. */
export interface GroupUsage {
  readonly cpuMs: number;
  readonly memoryPeakBytes: number;
  /** Processes that the kernel ended for want of memory. */
  readonly oomKills: number;
}

/** Where groups can be made on this machine. */
export interface GroupBase {
  readonly version: 1 | 2;
  /** One folder a hierarchy, `mirai-box` included; under version 2 all are the same. */
  readonly memory: string;
  readonly pids: string;
  /** Missing where the machine does not let us limit time. */
  readonly cpu: string | undefined;
  readonly cpuacct: string | undefined;
}

/** A control group of one job. */
export class Group {
  readonly #base: GroupBase;
  readonly #name: string;

  /** Makes the group and writes its limits. @throws Error when the kernel refuses one */
  constructor(base: GroupBase, name: string, limits: GroupLimits) {
    this.#base = base;
    this.#name = name;
    for (const folder of this.#folders()) mkdirSync(folder, { recursive: true });
    if (base.version === 1) this.#limitFirstVersion(limits);
    else this.#limitSecondVersion(limits);
  }

  /** A process that writes its pid into each of these files is in the group. */
  get processFiles(): string[] {
    return this.#folders().map((folder) => join(folder, 'cgroup.procs'));
  }

  usage(): GroupUsage {
    const { version } = this.#base;
    if (version === 1) {
      return {
        cpuMs: Math.round(Number(this.#read('cpuacct', 'cpuacct.usage') || 0) / 1e6),
        memoryPeakBytes: Number(this.#read('memory', 'memory.max_usage_in_bytes') || 0),
        oomKills: counter(this.#read('memory', 'memory.oom_control'), 'oom_kill'),
      };
    }
    const peak = this.#read('memory', 'memory.peak') || this.#read('memory', 'memory.current');
    return {
      cpuMs: Math.round(counter(this.#read('memory', 'cpu.stat'), 'usage_usec') / 1e3),
      memoryPeakBytes: Number(peak || 0),
      oomKills: counter(this.#read('memory', 'memory.events'), 'oom_kill'),
    };
  }

  /** Kills every process of the group, one by one where the kernel cannot do it at once. */
  kill(): void {
    const killFile = join(this.#base.memory, this.#name, 'cgroup.kill');
    if (existsSync(killFile)) {
      write(killFile, '1');
      return;
    }
    for (const file of this.processFiles) {
      for (const pid of processes(file)) killProcess(pid);
    }
  }

  /**
   * Kills what is left and removes the group. The kernel needs a moment to let go of an emptied
   * group: about 100 tries of 100 ms have been seen to fail after a fork bomb, hence up to 500.
   */
  async remove(): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt += 1) {
      this.kill();
      if (this.#folders().filter((folder) => !isGone(folder)).length === 0) return;
      await sleep(Math.min(100, 2 + attempt * 2), undefined, { ref: false });
    }
  }

  #folders(): string[] {
    const { memory, pids, cpu, cpuacct } = this.#base;
    const bases = [memory, pids, cpu, cpuacct].filter((base) => base !== undefined);
    return [...new Set(bases)].map((base) => join(base, this.#name));
  }

  #limitFirstVersion({ memoryBytes, pids, cpus }: GroupLimits): void {
    const { memory, pids: pidsBase, cpu } = this.#base;
    write(join(memory, this.#name, 'memory.limit_in_bytes'), String(memoryBytes));
    const withSwap = join(memory, this.#name, 'memory.memsw.limit_in_bytes');
    if (existsSync(withSwap)) write(withSwap, String(memoryBytes));
    write(join(pidsBase, this.#name, 'pids.max'), String(pids));
    if (cpu === undefined) return;
    write(join(cpu, this.#name, 'cpu.cfs_period_us'), String(CPU_PERIOD_US));
    write(join(cpu, this.#name, 'cpu.cfs_quota_us'), String(Math.round(cpus * CPU_PERIOD_US)));
  }

  #limitSecondVersion({ memoryBytes, pids, cpus }: GroupLimits): void {
    const folder = join(this.#base.memory, this.#name);
    write(join(folder, 'memory.max'), String(memoryBytes));
    const swap = join(folder, 'memory.swap.max');
    if (existsSync(swap)) write(swap, '0');
    write(join(folder, 'memory.oom.group'), '1');
    write(join(folder, 'pids.max'), String(pids));
    if (this.#base.cpu === undefined) return;
    write(join(folder, 'cpu.max'), `${Math.round(cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`);
  }

  #read(hierarchy: 'memory' | 'cpuacct', file: string): string {
    const base = this.#base[hierarchy];
    if (base === undefined) return '';
    try {
      return readFileSync(join(base, this.#name, file), 'utf8');
    } catch {
      return '';
    }
  }
}

/** Ends and removes the groups of shells that died: their names begin with `ownName()` of their maker. */
export async function sweepGroups(base: GroupBase): Promise<void> {
  const bases = [base.memory, base.pids, base.cpu, base.cpuacct].filter(
    (folder) => folder !== undefined,
  );
  const folders = [...new Set(bases)].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !isAlive(ownerOf(entry.name)))
      .map((entry) => join(folder, entry.name)),
  );
  for (let attempt = 0; attempt < 100; attempt += 1) {
    for (const folder of folders) {
      for (const pid of processes(join(folder, 'cgroup.procs'))) killProcess(pid);
    }
    if (folders.filter((folder) => !isGone(folder)).length === 0) return;
    await sleep(10);
  }
}

/** The maker's name within a group's name, which is `<pid>-<start time>-<number>`. */
function ownerOf(group: string): string {
  return group.split('-').slice(0, 2).join('-');
}

function counter(text: string, name: string): number {
  const line = text.split('\n').find((row) => row.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

function processes(file: string): number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** Tries to remove a group; true when it is not there any more. */
function isGone(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
}
