import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  anApprovalView,
  anEndedTask,
  aRunView,
  aStepView,
  aTaskView,
} from '#tests/support/api-views.ts';
import { fakeApi, type FakeAnswer, type SeenRequest } from '#tests/support/fake-api.ts';
import { typeCommand } from '#tests/support/fake-terminal.ts';

let api: Awaited<ReturnType<typeof fakeApi>>;
let answer: (request: SeenRequest, nth: number) => FakeAnswer | undefined;

beforeEach(async () => {
  api = await fakeApi((request, nth) => answer(request, nth));
  answer = () => undefined;
});
afterEach(async () => {
  await api.close();
});

const mirai = (...args: string[]) => typeCommand(args, { MIRAI_URL: api.url, MIRAI_API_KEY: 'k' });
const always = (body: unknown) => () => ({ body });

describe('watching', () => {
  const waiting = aTaskView({
    status: 'WAITING',
    run: aRunView({
      status: 'WAITING',
      waiting_for: { kind: 'approval', approval_ids: [anApprovalView().approval_id] },
      steps: [
        aStepView(),
        aStepView({
          turn: 1,
          tool: 'send_email',
          status: 'ASKED',
          verdict: 'ask',
          reasons: ['mail asks'],
        }),
      ],
    }),
  });

  it.each([
    [null, 0],
    ['policy.denied', 4],
    ['approval.refused', 4],
    ['approval.expired', 4],
    ['budget.exceeded', 5],
    ['model.unavailable', 1],
  ])('a task that ends with %j ends with %i', async (ended, expected) => {
    answer = (_request, nth) => ({ body: nth === 0 ? aTaskView() : anEndedTask(ended) });
    const { code, out } = await mirai('task', 'watch', 'task_1');
    expect(code).toBe(expected);
    if (ended === null) expect(out).toContain('All is well.');
    else expect(out).toContain(`${ended}: That is how it ended.`);
  });

  it('ends with 3 at a question, and shows it whole', async () => {
    answer = ({ path }) => ({
      body: path.startsWith('/v1/approvals') ? anApprovalView() : waiting,
    });
    const { code, out } = await mirai('task', 'watch', 'task_1');
    expect(code).toBe(3);
    expect(out).toContain('│ the total is 12.');
    expect(out).toContain('cost so far $0.0042');
    expect(out).toContain('expires in 59 min 0 s');
    expect(out).toContain('↳ mail asks');
  });

  it('prints each state as a line with --json', async () => {
    answer = (_request, nth) => ({ body: nth < 2 ? aTaskView() : anEndedTask(null) });
    const { code, documents } = await mirai('task', 'watch', 'task_1', '--json');
    expect(code).toBe(0);
    expect(documents).toEqual([aTaskView(), anEndedTask(null)]);
  });

  it('stays at a question on a TTY, and draws over what it drew', async () => {
    answer = (_request, nth) => ({ body: nth < 2 ? waiting : anEndedTask(null) });
    const { code, out } = await typeCommand(
      ['task', 'watch', 'task_1'],
      { MIRAI_URL: api.url, MIRAI_API_KEY: 'k' },
      { isTty: true },
    );
    expect(code).toBe(0);
    expect(out).toContain('Waits for a person:');
    expect(out).toContain('\u001B[0J');
  });
});

describe('showing', () => {
  it('shows a run with its steps, money, reasons and answer', async () => {
    answer = always({
      ...anEndedTask(null).run,
      steps: [
        aStepView(),
        aStepView({
          turn: 1,
          tool: 'run_code',
          status: 'DENIED',
          verdict: 'deny',
          reasons: ['rm is forbidden'],
        }),
      ],
    });
    const { out } = await mirai('run', 'show', 'run_1');
    expect(out).toMatch(/✓ +1\.1 +read_artifact +done +allow +40 ms +\$0\.0001 +read a file/);
    expect(out).toMatch(/✗ +2\.1 +run_code +denied/);
    expect(out).toContain('↳ rm is forbidden');
    expect(out).toContain('$0.0042 of $1.00 · 1,234 tokens');
    expect(out).toContain('All is well.');
  });

  it('shows control characters of others as what they are', async () => {
    const preview = { headline: 'Mail\u001B[2J', fields: [{ label: 'To', value: 'a\u202Eb' }] };
    answer = always({ items: [anApprovalView({ preview })], next: null });
    const { out } = await mirai('approvals');
    expect(out).toContain('Mail\\u{1b}[2J');
    expect(out).toContain('a\\u{202e}b');
  });

  it('shows only what waits, and everything with --all', async () => {
    answer = always({
      items: [anApprovalView({ status: 'granted', decided_by: 'user:amir' })],
      next: null,
    });
    expect((await mirai('approvals')).out).toBe('Nothing waits for a person.');
    expect((await mirai('approvals', '--all')).out).toContain('granted by user:amir');
  });

  it('lists tasks', async () => {
    answer = always({ items: [aTaskView()], next: null });
    expect((await mirai('task', 'list')).out).toMatch(
      /^task_\S+ +RUNNING +2026-01-02 03:04:04 +Do the thing$/,
    );
  });
});

describe('deciding', () => {
  it.each([
    ['approve', 'granted'],
    ['deny', 'refused'],
  ] as const)('%s sends the hash of what was read', async (command, decision) => {
    answer = ({ method }) => ({
      body: anApprovalView({ status: method === 'POST' ? decision : 'pending' }),
    });
    const { code, out } = await mirai(command, 'apr_1', '--comment', 'fine');
    expect(code).toBe(0);
    expect(api.requests[1]).toMatchObject({
      path: `/v1/approvals/${anApprovalView().approval_id}/decide`,
      body: { answer: decision, call_hash: 'a'.repeat(64), comment: 'fine' },
    });
    expect(out).toContain(`${decision}: Send a mail`);
  });

  it('cancels a task', async () => {
    answer = always(aTaskView());
    expect((await mirai('task', 'cancel', 'task_1')).out).toContain('is being cancelled');
    expect(api.requests[0]).toMatchObject({ method: 'POST', path: '/v1/tasks/task_1/cancel' });
  });
});
