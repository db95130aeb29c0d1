import { Platform } from '#tests/support/platform.ts';
import { printTable, quantile, round } from '../table.ts';

/**
 * The 10-step run: an explicit workflow of no-op actions, each chosen, judged, permitted, budgeted,
 * logged and carried out, through the API, the queue, Step Functions and Lambda processes. Durability:
 * SQLite in WAL mode, synchronous NORMAL (survives the death of every process, not a power loss).
 */
const STEPS = 10;
const body = {
  workflow: {
    steps: Array.from({ length: STEPS }, (_, i) => ({
      tool: 'note',
      input: { text: `step ${i}` },
    })),
  },
};

interface Counts {
  readonly calls: number;
  readonly invocations: number;
  readonly bytes: number;
}

const platform = await new Platform().start();
try {
  await platform.tenant('bench', { limits: { concurrent_runs: 64 } });
  await runs(4, 4);
  printTable([await measure(1, 10), await measure(32, 96)]);
} finally {
  await platform.remove();
}

async function measure(concurrency: number, count: number) {
  const before = counts();
  const begun = performance.now();
  const times = await runs(concurrency, count);
  const seconds = (performance.now() - begun) / 1000;
  const after = counts();
  const perStep = (key: keyof Counts) => round((after[key] - before[key]) / (count * STEPS), 2);
  return {
    concurrency,
    'runs/s': round(count / seconds, 2),
    'p50 ms': round(quantile(times, 0.5)),
    'p99 ms': round(quantile(times, 0.99)),
    'invocations/step': perStep('invocations'),
    'SDK calls/step': perStep('calls'),
    'bytes/step': perStep('bytes'),
    durability: 'WAL NORMAL',
  };
}

/** Runs tasks, so many at once, and answers how long each took from its record of events. */
async function runs(concurrency: number, count: number): Promise<number[]> {
  const { owner } = platform.keys['bench'] ?? { owner: '' };
  const times: number[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        const begun = performance.now();
        const id = await platform.submit(owner, body);
        await executed(id);
        times.push(performance.now() - begun);
      }
    }),
  );
  return times;
}

/** Waits for the end of a task's execution by looking from outside: asking the API would be load. */
async function executed(id: string): Promise<void> {
  for (;;) {
    const [row] = platform.query<{ status: string }>(
      `SELECT status FROM states_executions WHERE instr(input, '${id}') > 0`,
    );
    if (row?.status === 'SUCCEEDED') return;
    if (row && row.status !== 'RUNNING') throw new Error(`${id} ended as ${row.status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the functions of a run have called so far. The reads of this benchmark itself are left out. */
function counts(): Counts {
  const [row] = platform.query<{ calls: number; bytes: number }>(
    `SELECT COUNT(*) AS calls, COALESCE(SUM(request_bytes), 0) AS bytes FROM journal
     WHERE service IN ('dynamodb', 'kms', 's3', 'sqs', 'states', 'sts', 'ses', 'events')
       AND principal NOT LIKE '%data-tasks%' AND principal NOT LIKE '%data-keys%'
       AND principal LIKE '%role/%' AND request_bytes > 0`,
  );
  const [invoked] = platform.query<{ n: number }>(
    `SELECT COUNT(*) AS n FROM journal WHERE service = 'lambda' AND action = 'Invoke'
       AND principal NOT LIKE 'apigateway%'`,
  );
  return { calls: row?.calls ?? 0, bytes: row?.bytes ?? 0, invocations: invoked?.n ?? 0 };
}
