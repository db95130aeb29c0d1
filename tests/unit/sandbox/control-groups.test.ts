import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Group } from '#containers/sandbox/work/cgroup.ts';
import { containerUsage } from '#containers/sandbox/work/container-usage.ts';
import { findGroups } from '#containers/sandbox/work/find-groups.ts';
import { isAlive, ownName } from '#containers/sandbox/work/process-identity.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'groups-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, text = '') => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
const get = (path: string) => readFileSync(join(root, path), 'utf8');
const find = (mounts: string, own: string) => {
  put('mounts', mounts.replaceAll('ROOT', root));
  put('own', own);
  return findGroups({ mounts: join(root, 'mounts'), own: join(root, 'own') });
};

describe('control groups of version 1', () => {
  const MOUNTS = `cgroup ROOT/memory cgroup rw,memory 0 0
cgroup ROOT/pids cgroup rw,pids 0 0
cgroup ROOT/cpu cgroup rw,cpu,cpuacct 0 0
cgroup2 ROOT/unified cgroup2 rw 0 0
tmpfs /tmp tmpfs rw 0 0
`;

  test('are found, also beside version 2 without controllers', () => {
    for (const name of ['memory', 'pids', 'cpu']) mkdirSync(join(root, name));
    expect(find(MOUNTS, '0::/\n')).toEqual({
      version: 1,
      memory: join(root, 'memory/mirai-box'),
      pids: join(root, 'pids/mirai-box'),
      cpu: join(root, 'cpu/mirai-box'),
      cpuacct: join(root, 'cpu/mirai-box'),
    });
  });

  test('limit memory with swap, processes and time', () => {
    put('memory/x/memory.memsw.limit_in_bytes');
    const base = { version: 1 as const, memory: join(root, 'memory'), pids: join(root, 'pids') };
    const cpu = join(root, 'cpu');
    const group = new Group({ ...base, cpu, cpuacct: cpu }, 'x', {
      memoryBytes: 1000,
      pids: 5,
      cpus: 0.5,
    });
    expect(get('memory/x/memory.limit_in_bytes')).toBe('1000');
    expect(get('memory/x/memory.memsw.limit_in_bytes')).toBe('1000');
    expect([get('pids/x/pids.max'), get('cpu/x/cpu.cfs_quota_us')]).toEqual(['5', '50000']);
    expect(group.processFiles).toEqual(
      ['memory', 'pids', 'cpu'].map((name) => join(root, name, 'x', 'cgroup.procs')),
    );
  });

  test('tell what was used', () => {
    const base = { version: 1 as const, memory: root, pids: root, cpu: root, cpuacct: root };
    const group = new Group(base, 'x', { memoryBytes: 1, pids: 1, cpus: 1 });
    put('x/cpuacct.usage', '2500000\n');
    put('x/memory.max_usage_in_bytes', '4096\n');
    put('x/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n');
    expect(group.usage()).toEqual({ cpuMs: 3, memoryPeakBytes: 4096, oomKills: 3 });
  });
});

describe('control groups of version 2', () => {
  const limits = { memoryBytes: 1000, pids: 5, cpus: 1 };

  test('limit memory without swap, processes and time, and end a job as one', () => {
    put('x/memory.swap.max');
    put('x/cgroup.kill');
    const base = { version: 2 as const, memory: root, pids: root, cpu: root, cpuacct: root };
    const group = new Group(base, 'x', limits);
    expect(
      ['memory.max', 'memory.swap.max', 'memory.oom.group', 'pids.max', 'cpu.max'].map((file) =>
        get(`x/${file}`),
      ),
    ).toEqual(['1000', '0', '1', '5', '100000 100000']);
    expect(group.processFiles).toEqual([join(root, 'x/cgroup.procs')]);
    group.kill();
    expect(get('x/cgroup.kill')).toBe('1');
  });

  test('tell what was used, on a kernel that keeps no peak too', () => {
    const base = { version: 2 as const, memory: root, pids: root, cpu: undefined, cpuacct: root };
    const group = new Group(base, 'x', limits);
    expect(existsSync(join(root, 'x/cpu.max'))).toBe(false);
    put('x/cpu.stat', 'usage_usec 7000\nuser_usec 1\n');
    put('x/memory.current', '100\n');
    put('x/memory.events', 'low 0\noom 1\noom_kill 2\noom_group_kill 1\n');
    expect(group.usage()).toEqual({ cpuMs: 7, memoryPeakBytes: 100, oomKills: 2 });
    put('x/memory.peak', '200\n');
    expect(group.usage().memoryPeakBytes).toBe(200);
  });

  test('are not taken where the memory controller is not handed down', () => {
    put('unified/cgroup.procs');
    const mounts = 'cgroup2 ROOT/unified cgroup2 rw 0 0\n';
    expect(find(mounts, '0::/user.slice\n')).toBeUndefined();
    expect(find('tmpfs /tmp tmpfs rw 0 0\n', '0::/\n')).toBeUndefined();
  });
});

test('a container’s own counters are read under either version, and are zero where hidden', () => {
  expect(containerUsage(root)).toEqual({ cpuMs: 0, memoryPeakBytes: 0, oomKills: 0 });
  put('cpu.stat', 'usage_usec 7000\n');
  put('memory.peak', '200\n');
  put('memory.events', 'oom_kill 2\n');
  expect(containerUsage(root)).toEqual({ cpuMs: 7, memoryPeakBytes: 200, oomKills: 2 });
});

test('a process is told from a later one with its pid', () => {
  const own = ownName();
  expect([isAlive(own), isAlive(`${process.pid}-1`), isAlive('x'), isAlive('')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
