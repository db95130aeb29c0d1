import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grantedPairs, type RecordedGrant } from '#tests/support/grants.ts';
import { Platform, type TenantKeys } from '#tests/support/platform.ts';
import { ScriptedModel } from '#tests/support/scripted-model.ts';

const model = new ScriptedModel([]);
let platform: Platform;
let acme: TenantKeys;
let globex: TenantKeys;

const mail = { to: ['finance@acme.example'], subject: 'Totals', text: 'All done.' };
const note = (text: string) => ({ tool: 'note', input: { text } });
const workflow = (...steps: unknown[]) => ({ workflow: { steps } });

beforeAll(async () => {
  platform = await new Platform({ modelUrl: await model.listen() }).start();
  acme = await platform.tenant('acme');
  globex = await platform.tenant('globex');
}, 120_000);

afterAll(async () => {
  await platform?.remove();
  await model.close();
});

const submit = (body: unknown, headers?: Record<string, string>) =>
  platform.submit(acme.owner, body, headers);
const ended = (id: string) => platform.ended(acme.owner, id);
const waiting = (id: string) => platform.waiting(acme.owner, id);

describe('a workflow task', () => {
  it('goes through every step to its end, with a record of each choice, verdict and outcome', async () => {
    const id = await submit(
      workflow(
        { id: 'write', tool: 'write_artifact', input: { name: 'a.txt', content: 'hello' } },
        { id: 'read', tool: 'read_artifact', input: { name: 'a.txt' } },
        { tool: 'note', input: { text: 'it says {{steps.read.output.text}}' } },
        { tool: 'list_artifacts' },
      ),
    );
    const task = await ended(id);
    expect(task).toMatchObject({ status: 'COMPLETED', run: { outcome: { code: null } } });
    expect(task.run.steps.map(({ tool, status }: any) => [tool, status])).toEqual([
      ['write_artifact', 'DONE'],
      ['read_artifact', 'DONE'],
      ['note', 'DONE'],
      ['list_artifacts', 'DONE'],
    ]);
    expect(task.run.steps[2].summary).toBe('it says hello');
    const { body } = await platform.call(acme.owner, 'GET', `/v1/runs/${task.run_id}/decisions`);
    const kinds = body.items.map(({ kind }: any) => kind);
    expect(kinds).toEqual([
      'started',
      ...['chosen', 'judged', 'effect'],
      ...['chosen', 'judged', 'observed'],
      ...['chosen', 'judged', 'observed'],
      ...['chosen', 'judged', 'observed'],
      'finished',
    ]);
    const file = await platform.call(acme.owner, 'GET', `/v1/tasks/${id}/artifacts/a.txt`);
    expect(Buffer.from(file.body.content_base64, 'base64').toString()).toBe('hello');
  });

  it('stops at a mail, shows exactly what would be sent, and sends it once it is granted', async () => {
    const id = await submit(workflow({ tool: 'send_email', input: mail }));
    const task = await waiting(id);
    const [approvalId] = task.run.waiting_for.approval_ids;
    await platform.until(acme.owner, id, () => true);
    const before = (await platform.mails()).length;
    const self = await platform.decide(acme.owner, task, 'granted');
    expect(self).toMatchObject({ status: 403, body: { code: 'approval.self' } });
    const agent = await platform.call(acme.agent, 'POST', `/v1/approvals/${approvalId}/decide`, {
      answer: 'granted',
    });
    expect(agent).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
    const shown = await platform.call(acme.approver, 'GET', `/v1/approvals/${approvalId}`);
    expect(shown.body.preview.fields).toContainEqual({ label: 'Text', value: 'All done.' });
    expect((await platform.decide(acme.approver, task, 'granted')).status).toBe(200);
    expect(await ended(id)).toMatchObject({ status: 'COMPLETED' });
    const mails = await platform.mails();
    expect(mails).toHaveLength(before + 1);
    const again = await platform.decide(acme.approver, task, 'refused');
    expect(again).toMatchObject({ status: 409, body: { code: 'approval.decided' } });
  });

  it.each([
    ['refused', 'approval.refused'],
    ['expired', 'approval.expired'],
  ] as const)('ends by name when the mail is %s', async (how, code) => {
    const id = await submit({
      ...workflow({ tool: 'send_email', input: mail }),
      approval_timeout_seconds: how === 'expired' ? 1 : 60,
    });
    if (how === 'refused') await platform.decide(acme.approver, await waiting(id), 'refused', 'no');
    expect(await ended(id)).toMatchObject({ status: 'FAILED', run: { outcome: { code } } });
  });

  it('runs code in the sandbox and keeps what it writes', async () => {
    const id = await submit({
      ...workflow({
        tool: 'run_code',
        input: {
          language: 'python',
          code: "import os\nos.makedirs('out', exist_ok=True)\nopen('out/sum.txt','w').write(str(sum(map(int, open('numbers.txt').read().split()))))\nprint('ok')",
          files: ['numbers.txt'],
        },
      }),
      files: [{ name: 'numbers.txt', content: '1 2 3' }],
    });
    const task = await ended(id);
    expect(task.run).toMatchObject({ status: 'COMPLETED' });
    const file = await platform.call(acme.owner, 'GET', `/v1/tasks/${id}/artifacts/sum.txt`);
    expect(Buffer.from(file.body.content_base64, 'base64').toString()).toBe('6');
  });

  it.each([
    ['exit code', { language: 'bash', code: 'exit 3' }, 'tool.failed'],
    ['time', { language: 'bash', code: 'sleep 30', timeout_seconds: 1 }, 'sandbox.timed_out'],
    ['memory', { language: 'python', code: 'x = bytearray(900_000_000)' }, 'sandbox.out_of_memory'],
  ])('fails by name when the code fails by %s', async (_how, input, code) => {
    const id = await submit(workflow({ tool: 'run_code', input }));
    expect(await ended(id)).toMatchObject({ status: 'FAILED', run: { outcome: { code } } });
  });

  it('is cancelled while it waits, and while its code runs', async () => {
    const parked = await submit(workflow({ tool: 'send_email', input: mail }));
    await waiting(parked);
    await platform.call(acme.owner, 'POST', `/v1/tasks/${parked}/cancel`);
    expect(await ended(parked)).toMatchObject({ status: 'CANCELLED' });
    const busy = await submit(
      workflow({
        tool: 'run_code',
        input: { language: 'bash', code: 'sleep 100', timeout_seconds: 120 },
      }),
    );
    await platform.until(acme.owner, busy, ({ run }) => run?.steps.length === 1);
    await platform.call(acme.owner, 'POST', `/v1/tasks/${busy}/cancel`);
    expect(await ended(busy)).toMatchObject({
      status: 'CANCELLED',
      run: { budget: { reserved_usd: 0 } },
    });
  });

  it('fails over its budget before anything is spent', async () => {
    const id = await submit({
      ...workflow({
        tool: 'run_code',
        input: { language: 'bash', code: 'true', timeout_seconds: 600 },
      }),
      limits: { usd: 0.0001 },
    });
    expect(await ended(id)).toMatchObject({
      status: 'FAILED',
      run: { outcome: { code: 'budget.exceeded' }, cost: { usd: 0 } },
    });
  });

  it('is denied by policy by name', async () => {
    const id = await submit(
      workflow({ tool: 'fetch_url', input: { url: 'http://malware-db.com/' } }),
    );
    expect(await ended(id)).toMatchObject({
      status: 'FAILED',
      run: { outcome: { code: 'policy.denied' } },
    });
  });
});

describe('a workflow with a large observation', () => {
  it('hands it on by reference, on the urgent queue', async () => {
    const id = await submit({
      ...workflow(
        { id: 'big', tool: 'read_artifact', input: { name: 'big.txt' } },
        {
          tool: 'write_artifact',
          input: { name: 'copy.txt', content: '{{steps.big.output.text}}' },
        },
      ),
      files: [{ name: 'big.txt', content: 'x'.repeat(15_000) }],
      priority: 'high',
    });
    const task = await ended(id);
    expect(task.run.steps[1].summary).toBe('copy.txt, 15000 bytes');
    const sweep = await platform.invoke('mirai-dev-sweep', {});
    expect(sweep).toMatchObject({ failed: 0 });
  });
});

describe('handing in a task', () => {
  it('answers a repeat with the same Idempotency-Key with the same task, and another body with 422', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await platform.call(
      acme.owner,
      'POST',
      '/v1/tasks',
      workflow(note('a')),
      headers,
    );
    const second = await platform.call(
      acme.owner,
      'POST',
      '/v1/tasks',
      workflow(note('a')),
      headers,
    );
    expect(second.body).toEqual(first.body);
    expect(first.headers.get('location')).toBe(`/v1/tasks/${first.body.task_id}`);
    const other = await platform.call(
      acme.owner,
      'POST',
      '/v1/tasks',
      workflow(note('b')),
      headers,
    );
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency.mismatch' } });
  });

  it.each([
    [{}, ''],
    [{ task: 'x', workflow: { steps: [note('a')] } }, ''],
    [{ task: 7 }, '/task'],
    [{ workflow: { steps: [] } }, '/workflow/steps'],
    [{ task: 'x', limits: { usd: -1 } }, '/limits/usd'],
    [{ task: 'x', colour: 'red' }, '/colour'],
    [{ task: 'x', files: [{ name: '../x', content: '' }] }, '/files/0/name'],
  ])('refuses %j field by field', async (body, pointer) => {
    const answer = await platform.call(acme.owner, 'POST', '/v1/tasks', body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid' } });
    expect(answer.body.errors.map((error: any) => error.pointer)).toContain(pointer);
  });

  it('refuses what is not JSON, and whoever has no key', async () => {
    const broken = await platform.call(acme.owner, 'POST', '/v1/tasks', '{"task":');
    expect(broken).toMatchObject({ status: 400, body: { code: 'request.malformed' } });
    expect((await platform.call('nobody', 'GET', '/v1/tasks')).status).toBe(401);
    expect(
      (await platform.call(acme.approver, 'POST', '/v1/tasks', workflow(note('a')))).status,
    ).toBe(403);
  });

  it('shows nothing of a tenant to another', async () => {
    const id = await submit(workflow({ tool: 'send_email', input: mail }));
    const task = await waiting(id);
    const [approval] = task.run.waiting_for.approval_ids;
    for (const [method, path] of [
      ['GET', `/v1/tasks/${id}`],
      ['GET', `/v1/runs/${task.run_id}`],
      ['GET', `/v1/approvals/${approval}`],
      ['GET', `/v1/tasks/${id}/artifacts`],
      ['POST', `/v1/tasks/${id}/cancel`],
    ] as const) {
      expect([path, (await platform.call(globex.owner, method, path)).status]).toEqual([path, 404]);
    }
    const decided = await platform.call(
      globex.approver,
      'POST',
      `/v1/approvals/${approval}/decide`,
      {
        answer: 'granted',
      },
    );
    expect(decided.status).toBe(404);
    const asked = await platform.call(acme.approver, 'GET', '/v1/approvals?limit=1');
    expect(asked.body.items).toHaveLength(1);
    expect((await platform.call(globex.approver, 'GET', '/v1/approvals')).body.items).toEqual([]);
    const listed = await platform.call(globex.owner, 'GET', '/v1/tasks');
    expect(listed.body.items).toEqual([]);
    await platform.decide(acme.approver, task, 'refused');
    await ended(id);
  });
});

describe('a task in words', () => {
  it('chooses, acts, observes and answers, and counts its tokens', async () => {
    model.push(
      {
        calls: [
          { tool: 'write_artifact', input: { name: 'b.txt', content: 'x' } },
          note('two at once'),
        ],
      },
      { calls: [{ tool: 'read_artifact', input: { name: 'b.txt' } }] },
      { text: 'It holds x.' },
    );
    const task = await ended(await submit({ task: 'Write x and read it.' }));
    expect(task.run).toMatchObject({
      status: 'COMPLETED',
      answer: 'It holds x.',
      cost: { tokens: 360 },
    });
    expect(model.unused).toBe(0);
    const last = model.requests.at(-1);
    expect(JSON.parse(last.messages.at(-1).content)).toMatchObject({
      status: 'done',
      output: { text: 'x' },
    });
  });

  it('reads a large file by reference', async () => {
    model.push(
      { calls: [{ tool: 'read_artifact', input: { name: 'big.txt' } }] },
      { text: 'It is long.' },
    );
    const id = await submit({
      task: 'Read it.',
      files: [{ name: 'big.txt', content: 'y'.repeat(12_000) }],
    });
    expect(await ended(id)).toMatchObject({ status: 'COMPLETED' });
    expect(model.requests.at(-1).messages.at(-1).content).toContain('y'.repeat(12_000));
  });

  it('asks a person and goes on with the answer', async () => {
    model.push(
      { calls: [{ tool: 'ask_person', input: { question: 'Which year?' } }] },
      { text: 'For 2025.' },
    );
    const id = await submit({ task: 'Ask me.' });
    await platform.decide(acme.owner, await waiting(id), 'granted', '2025');
    expect(await ended(id)).toMatchObject({ status: 'COMPLETED', run: { answer: 'For 2025.' } });
    expect(model.requests.at(-1).messages.at(-1).content).toContain('2025');
  });

  it('detects, asks, is denied and says that the action was blocked', async () => {
    model.push(
      {
        calls: [{ tool: 'run_code', input: { language: 'python', code: "os.system('rm -rf /')" } }],
      },
      { text: 'Action blocked by policy' },
    );
    const id = await submit({ task: "Execute: os.system('rm -rf /')" });
    const task = await waiting(id);
    expect(task.run.steps[0].reasons[0]).toContain('DANGEROUS COMMAND DETECTED');
    await platform.decide(acme.approver, task, 'refused');
    expect(await ended(id)).toMatchObject({
      status: 'COMPLETED',
      run: { answer: 'Action blocked by policy' },
    });
  });

  it('is tried again while the model is down, and dead-lettered with the reason when it stays down', async () => {
    model.push(...Array.from({ length: 12 }, () => ({ status: 500 })));
    const id = await submit({ task: 'Anything.' });
    await platform.until(acme.owner, id, ({ status }) => status === 'RETRYING');
    const task = await platform.ended(acme.owner, id, 60);
    expect(task).toMatchObject({
      status: 'FAILED',
      attempt: 4,
      run: { outcome: { code: 'model.unavailable' } },
    });
    expect(task.dead_letter_reason).toContain('model.unavailable');
    model.push({ text: 'Now it works.' });
    expect((await platform.call(acme.owner, 'POST', `/v1/tasks/${id}/redrive`)).status).toBe(202);
    expect(await ended(id)).toMatchObject({
      status: 'COMPLETED',
      run: { answer: 'Now it works.' },
    });
  }, 90_000);

  it('fails by name on nonsense from the model, as on silence', async () => {
    model.push({ raw: '<html>' }, { raw: '{}' }, { text: 'Recovered.' });
    const task = await platform.ended(acme.owner, await submit({ task: 'Anything.' }), 60);
    expect(task).toMatchObject({ status: 'COMPLETED', run: { answer: 'Recovered.' } });
    expect(task.attempt).toBeGreaterThan(1);
  }, 90_000);
});

describe('the permissions of every role', () => {
  it('are each used by these tests, and nothing that was needed is missing', async () => {
    const missing = await submit(
      workflow({
        tool: 'fetch_url',
        input: { url: 'https://example.invalid/' },
        on_error: 'continue',
      }),
    );
    await ended(missing);
    // Log lines of the last invocation follow it.
    await sleep(1000);
    const used = new Set(
      platform
        .query<{ grants: string }>('SELECT DISTINCT grants FROM journal')
        .flatMap(
          ({ grants }) => JSON.parse(grants) as { action: string; statement: string | null }[],
        )
        .map(({ action, statement }) => `${statement}:${action}`),
    );
    const { pairs, close } = await grantedPairs('cdk.out');
    await close();
    const unused = pairs.filter((pair) => !used.has(pair)).map(shortName);
    expect(unused.filter((pair) => !NOT_REACHED_HERE.some((known) => known.test(pair)))).toEqual(
      [],
    );
  });
});

describe('a statement that is taken away', () => {
  it('is missed by name by the calls that it allowed, and no data role reaches another tenant', async () => {
    const { judge, close } = await grantedPairs('cdk.out');
    const recorded = platform
      .query<{ principal: string; grants: string }>(
        `SELECT DISTINCT principal, grants FROM journal WHERE outcome = 'ok' AND principal LIKE 'arn:%'`,
      )
      .flatMap(({ principal, grants }) =>
        (JSON.parse(grants) as RecordedGrant[]).map((grant) => ({ ...grant, principal })),
      );
    const byPair = new Map(recorded.map((call) => [`${call.statement}:${call.action}`, call]));
    let crossed = 0;
    for (const call of byPair.values()) {
      // Keys and secrets have new ids in every deployment.
      if (/^(kms|secretsmanager):/.test(call.action)) continue;
      // Who is named in a trust policy may assume the role of the same account by that alone.
      if (call.statement === null || call.action.startsWith('sts:')) continue;
      expect(judge(call)).toBe(call.statement);
      expect(() => judge(call, call.statement ?? '')).toThrow(call.action);
      if (!call.principal.includes('[tenant=acme]')) continue;
      crossed += 1;
      const elsewhere = {
        ...call,
        principal: call.principal.replace('tenant=acme', 'tenant=globex'),
      };
      expect(() => judge(elsewhere)).toThrow(call.action);
    }
    await close();
    expect(crossed).toBeGreaterThan(30);
  });
});

/** `<role> <statement> <action>` without account and generated names. */
const shortName = (pair: string): string =>
  pair.replace(/^arn:aws:iam::\d+:role\/mirai-dev-([^/]+)\/[^#]*#([^:]+):/, '$1 $2 ');

/**
 * What these tests do not reach, with who does: AWS's own agents on Fargate, in the delivery of logs
 * and at the API's edge; an operator; what finishes after a crash or a lost event.
 */
const NOT_REACHED_HERE: readonly RegExp[] = [
  /^sandbox-execution /,
  /^run \S+ logs:/,
  /^api-AccessLogRole\S+ WriteLogs /,
  /^operator /,
  /^sweep (?!WriteLogs|ReadDue)/,
  /^data-finish Put /,
  /^ask-approval WakeRuns /,
  /^start-sandbox-job WakeRuns /,
];
