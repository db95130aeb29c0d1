import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ApiClient } from '#clients/cli/api/api-client.ts';
import { DEMO_WORDS, runDemo } from '#clients/cli/demo/run-demo.ts';
import { exitCodeOfDemo, showDemo } from '#clients/cli/demo/show-demo.ts';
import type { Terminal } from '#clients/cli/screen/terminal.ts';
import { anApprovalView, anEndedTask, aRunView, aTaskView } from '#tests/support/api-views.ts';
import { fakeApi } from '#tests/support/fake-api.ts';

const waiting = aTaskView({
  status: 'WAITING',
  run: aRunView({
    status: 'WAITING',
    waiting_for: { kind: 'approval', approval_ids: [anApprovalView().approval_id] },
  }),
});
const content = Buffer.from('a,b\n');
const artifact = {
  artifact_id: 'art_1',
  name: 'invoices-clean.csv',
  media_type: 'text/csv',
  size: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  created_at: '2026-01-02T03:04:05.000Z',
  made_by: 'run_1',
};
const mail = {
  to: ['finance@acme.example'],
  subject: 'Totals',
  text: 'Total: 12',
  attachments: [{ name: 'invoices-clean.csv' }],
  tags: { task: waiting.task_id },
};

/** The demo against a platform that asks once and then ends. */
async function demo(
  options: { tty?: string; mails?: unknown[]; stored?: Buffer; ended?: string } = {},
) {
  let decision: string | undefined;
  const api = await fakeApi(({ method, path, body }) => {
    if (path.endsWith('/decide')) decision = (body as { answer: string }).answer;
    if (path.startsWith('/v1/approvals'))
      return {
        body: anApprovalView(
          decision ? { status: decision as 'granted', decided_by: 'user:amir' } : {},
        ),
      };
    if (path.includes('/artifacts/'))
      return {
        body: { ...artifact, content_base64: (options.stored ?? content).toString('base64') },
      };
    if (path.endsWith('/artifacts')) return { body: { items: [artifact] } };
    if (path.includes('/decisions')) return { body: { items: [], next: null } };
    if (path === '/_local/mailbox.json')
      return { body: options.mails ?? [mail, { ...mail, tags: { task: 'other' } }] };
    if (method === 'POST') return { body: aTaskView() };
    return { body: decision ? anEndedTask(options.ended ?? null) : waiting };
  });
  const said: string[] = [];
  const terminal: Terminal = {
    isTty: options.tty !== undefined,
    hasColour: false,
    json: false,
    columns: 120,
    env: {},
    state: '',
    say: (line = '') => void said.push(line),
    remark: (line) => void said.push(line),
    print: () => undefined,
    draw: () => undefined,
    ask: (question) => {
      said.push(question);
      return Promise.resolve(options.tty ?? '');
    },
    now: () => Date.parse('2026-01-02T03:05:06.000Z'),
  };
  try {
    const owner = new ApiClient({ url: api.url, apiKey: 'owner' });
    const approver = new ApiClient({ url: api.url, apiKey: 'approver' });
    const end = await runDemo({ owner, approver, endpoint: api.url }, terminal);
    said.push(...showDemo(end, { start: 900 }, terminal));
    return {
      end,
      code: exitCodeOfDemo(end),
      said: said.join('\n'),
      decision,
      requests: api.requests,
    };
  } finally {
    await api.close();
  }
}

describe('the demo', () => {
  it('approves as the approver where nobody can be asked, and says so', async () => {
    const { code, said, requests } = await demo();
    expect(code).toBe(0);
    expect(requests[0]?.body).toMatchObject({
      task: DEMO_WORDS,
      files: [{ name: 'invoices.csv', media_type: 'text/csv' }],
    });
    expect(requests.find(({ path }) => path.endsWith('/decide'))?.key).toBe('Bearer approver');
    expect(said).toContain('│ the total is 12.');
    expect(said).toContain(
      '→ granted as the demo’s approver (user:amir), because nobody is at a terminal',
    );
    expect(said).toContain('All is well.');
    expect(said).toContain(`sha256 ${artifact.sha256}`);
    expect(said).toContain('│ Total: 12');
  });

  it.each([
    ['y', 'granted', 0],
    ['', 'refused', 4],
  ])('asks on a TTY: %j is %s', async (typed, decision, code) => {
    const end = await demo({ tty: typed });
    expect(end.said).toContain('Shall this be done? [y/N] ');
    expect([end.decision, end.code]).toEqual([decision, code]);
  });

  it.each([
    ['no mail', { mails: [] }],
    ['two mails', { mails: [mail, mail] }],
    ['an altered artifact', { stored: Buffer.from('other') }],
  ])('ends with 6 when there is %s', async (_name, options) => {
    expect((await demo(options)).code).toBe(6);
  });

  it('ends as its task ends', async () => {
    expect((await demo({ ended: 'budget.exceeded' })).code).toBe(5);
  });
});
