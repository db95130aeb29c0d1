import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Platform, type TenantKeys } from '#tests/support/platform.ts';
import { endProcess, isAlive } from '#tests/support/processes.ts';

/**
 * A run through every kind of hop: an artifact, a sandbox job, a mail that a person grants, a note.
 * Answers come 5 ms late, after their change is durable, so that an observer outside can act between
 * two writes.
 */
const body = {
  workflow: {
    steps: [
      { tool: 'write_artifact', input: { name: 'a.txt', content: 'hello' } },
      {
        tool: 'run_code',
        input: { language: 'bash', code: 'mkdir -p out; cat a.txt > out/b.txt', files: ['a.txt'] },
      },
      {
        tool: 'send_email',
        input: {
          to: ['finance@acme.example'],
          subject: 'Totals',
          text: 'Done.',
          attachments: ['b.txt'],
        },
      },
      { tool: 'note', input: { text: 'after the mail' } },
    ],
  },
};
const KILLS = 20;

let platform: Platform;
let acme: TenantKeys;

beforeAll(async () => {
  platform = await new Platform({ faults: ['latencyMs=5'] }).start();
  acme = await platform.tenant('acme');
}, 120_000);

afterAll(() => platform?.remove());

const changes = (): number =>
  platform.query<{ seq: number }>(
    'SELECT COALESCE(MAX(seq), 0) AS seq FROM journal WHERE changes > 0',
  )[0]?.seq ?? 0;

const changesSince = (seq: number): number =>
  platform.query<{ n: number }>(
    `SELECT COUNT(*) AS n FROM journal WHERE changes > 0 AND action NOT IN ('ReceiveMessage', 'CreateLogStream', 'PutLogEvents') AND seq > ${seq}`,
  )[0]?.n ?? 0;

/** Answers whatever question a task asks, until it has ended. The API may be away meanwhile. */
async function accompany(id: string, answers: string[], seconds = 90): Promise<any> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    try {
      const { body: task } = await platform.call(acme.owner, 'GET', `/v1/tasks/${id}`);
      if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(task.status)) return task;
      for (const approvalId of task.run?.waiting_for?.approval_ids ?? []) {
        const path = `/v1/approvals/${approvalId}`;
        const { status, body: approval } = await platform.call(acme.approver, 'GET', path);
        if (status !== 200 || approval.status !== 'pending') continue;
        // It is not known whether the mail left: the person leaves it.
        const answer = approval.kind === 'effect' ? 'refused' : 'granted';
        const decided = await platform.call(acme.approver, 'POST', `${path}/decide`, { answer });
        if (decided.status === 200) answers.push(`${approval.kind} ${answer}`);
      }
    } catch {
      // The plug is out.
    }
    await sleep(40);
  }
  const { body: last } = await platform.call(acme.owner, 'GET', `/v1/tasks/${id}`);
  throw new Error(`the task did not end: ${JSON.stringify(last)}\n${platform.log.slice(-3000)}`);
}

const mailsOf = async (id: string): Promise<number> =>
  (await platform.mails()).filter(({ tags }) => tags?.task === id).length;

/** Nothing of the run is left over: no place, no money, no lease, no box. */
async function nothingLeft(id: string): Promise<void> {
  const task = (await platform.call(acme.owner, 'GET', `/v1/tasks/${id}`)).body;
  expect(task.run.budget.reserved_usd).toBe(0);
  await eventually(() => {
    const running = platform.query(
      `SELECT COUNT(*) AS n FROM states_executions WHERE status = 'RUNNING'`,
    )[0] as { n: number };
    expect(running.n).toBe(0);
    const tasks = platform.query(
      `SELECT COUNT(*) AS n FROM children WHERE kind NOT LIKE 'function%'`,
    )[0] as { n: number };
    expect(tasks.n).toBe(0);
  });
}

async function eventually(check: () => void, seconds = 15): Promise<void> {
  for (let i = 0; ; i += 1) {
    try {
      return check();
    } catch (error) {
      if (i > seconds * 10) throw error;
      await sleep(100);
    }
  }
}

const children = (): { pid: number; started: string; kind: string }[] =>
  platform.query('SELECT pid, started, kind FROM children');

describe('pulling the plug', () => {
  let length = 0;

  it('is measured on a run that nobody disturbs', async () => {
    // Twice: the first run also pays for what a process does once.
    for (const _round of ['cold', 'warm']) {
      const before = changes();
      const id = await platform.submit(acme.owner, body);
      expect(await accompany(id, [])).toMatchObject({ status: 'COMPLETED' });
      await nothingLeft(id);
      length = changesSince(before);
      expect(await mailsOf(id)).toBe(1);
    }
  }, 120_000);

  it.each(Array.from({ length: KILLS }, (_, i) => i))(
    'at place %i of 20 loses nothing and does nothing twice',
    async (place) => {
      const k = Math.max(1, Math.floor(((place + 0.5) / KILLS) * length));
      const victim = (['supervisor', 'everything', 'function'] as const)[place % 3] ?? 'supervisor';
      const answers: string[] = [];
      const before = changes();
      const submitted = platform
        .submit(acme.owner, body, { 'idempotency-key': `plug-${place}` })
        .catch(() => undefined);
      let id: string | undefined;
      const companion = (async () => {
        id = await submitted;
        // The plug may have been out before the answer: the caller repeats with its key.
        while (id === undefined) {
          await sleep(200);
          id = await platform
            .submit(acme.owner, body, { 'idempotency-key': `plug-${place}` })
            .catch(() => undefined);
        }
        return accompany(id, answers);
      })();
      // A run on warm functions may make fewer changes than k: then the plug is pulled at its end.
      let isOver = false;
      void companion.finally(() => (isOver = true)).catch(() => undefined);
      while (!isOver && changesSince(before) < k) await sleep(1);
      const alive = children();
      if (victim === 'function') {
        const functions = alive.filter(({ kind }) => kind.startsWith('function '));
        const chosen = functions[k % functions.length];
        if (chosen) endProcess(chosen.pid);
      } else {
        if (victim === 'everything') alive.forEach(({ pid }) => endProcess(pid));
        await platform.kill();
        await sleep(2000);
        expect(alive.filter(isAlive)).toEqual([]);
        await platform.start();
      }
      const task = await companion;
      const asked = answers.filter((answer) => answer.startsWith('effect')).length;
      const mails = await mailsOf(task.task_id);
      expect(mails).toBeLessThanOrEqual(1);
      expect(asked).toBeLessThanOrEqual(1);
      expect({
        place,
        victim,
        k,
        status: task.status,
        outcome: task.run.outcome?.code ?? null,
        asked,
      }).toEqual({
        place,
        victim,
        k,
        status: asked === 0 ? 'COMPLETED' : 'FAILED',
        outcome: asked === 0 ? null : 'approval.refused',
        asked,
      });
      if (asked === 0) expect(mails).toBe(1);
      await nothingLeft(task.task_id);
    },
    150_000,
  );
});
