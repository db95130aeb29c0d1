import { readdirSync, readFileSync } from 'node:fs';
import { Platform } from '#tests/support/platform.ts';
import { printTable, quantile, round } from '../table.ts';

/** 300 workflow tasks (write, read, list) and 30 with run_code, handed in at once. */
const plain = {
  workflow: {
    steps: [
      { tool: 'write_artifact', input: { name: 'a.txt', content: 'hello' } },
      { tool: 'read_artifact', input: { name: 'a.txt' } },
      { tool: 'list_artifacts' },
    ],
  },
};
const code = {
  workflow: { steps: [{ tool: 'run_code', input: { language: 'python', code: 'print(6 * 7)' } }] },
};

/** Proportional memory of a process and its descendants, in MB. */
function memory(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Gone meanwhile.
    }
  }
  const isBelow = (pid: number): boolean =>
    pid === root || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  let kilobytes = 0;
  for (const pid of [...parents.keys()].filter(isBelow)) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // Gone meanwhile, or not ours to read.
    }
  }
  return kilobytes / 1024;
}

const platform = await new Platform().start();
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, memory(platform.pid))), 500);
try {
  const { owner } = await platform.tenant('bench');
  const begun = performance.now();
  const times: number[] = [];
  const submit = async (body: unknown) => {
    const start = performance.now();
    const id = await platform.submit(owner, body);
    const task = await platform.until(owner, id, ({ ended_at }) => ended_at !== null, 600, 500);
    times.push(performance.now() - start);
    return task.status as string;
  };
  const bodies = [...Array<unknown>(300).fill(plain), ...Array<unknown>(30).fill(code)];
  const statuses = await Promise.all(bodies.map(submit));
  const seconds = (performance.now() - begun) / 1000;
  const completed = statuses.filter((status) => status === 'COMPLETED').length;
  printTable([
    {
      tasks: bodies.length,
      completed,
      'tasks/s': round(bodies.length / seconds, 2),
      'p50 s': round(quantile(times, 0.5) / 1000, 2),
      'p99 s': round(quantile(times, 0.99) / 1000, 2),
      'peak MB (PSS, all processes)': round(peak, 0),
    },
  ]);
  if (completed !== bodies.length) process.exitCode = 1;
} finally {
  clearInterval(watch);
  await platform.remove();
}
