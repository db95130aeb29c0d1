import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Approval } from '#shared/domain/approval/approval.ts';
import { firstBreak, emptyLog } from '#shared/domain/decision/decision.ts';
import type { Permit } from '#shared/domain/permit/permit.ts';
import type { Judgement } from '#shared/domain/run/run.ts';
import type { TaskBody } from '#shared/domain/task/task.ts';
import type { Effect } from '#shared/domain/effect/effect.ts';
import { judgeActions } from '#functions/judge-actions/judge-actions.ts';
import type { JudgeActionsDeps } from '#functions/judge-actions/deps.ts';
import { aLedger, aPolicy, aRunRef, aWorkflow, nextId, NOON } from '#tests/support/builders.ts';

const mail = { to: ['finance@acme.example'], subject: 'Totals', text: 'All done.' };

function setUp(
  body: TaskBody,
  options: { limitMicros?: number; steps?: number; yaml?: string } = {},
) {
  const ref = aRunRef({
    mode: body.workflow ? 'workflow' : 'words',
    limits: { steps: options.steps ?? 100, tokens: 1000 },
  });
  const ledger = aLedger(ref, options.limitMicros);
  const approvals = new Map<string, Approval>();
  const effects = new Map<string, Effect>();
  const permits: Permit[] = [];
  let policy = aPolicy(options.yaml);
  const deps: JudgeActionsDeps = {
    ledger,
    readBody: async () => body,
    policies: { version: async () => policy, current: async () => policy },
    findArtifact: async () => undefined,
    findApproval: async (id) => approvals.get(id),
    effects: { find: async ({ effect_key }) => effects.get(effect_key) },
    observations: { get: async () => '{}' },
    signer: {
      sign: async (permit) => {
        permits.push(permit);
        return { permit: JSON.stringify(permit), signature: 'sig', key_id: 'key' };
      },
    },
    stage: 'test',
    now: () => NOON,
    nextId,
  };
  const judge = (from: Pick<Judgement, 'cursor'>, outcomes: Judgement['outcomes'] = []) =>
    judgeActions({ run: ref, cursor: from.cursor, outcomes }, deps);
  return {
    ref,
    ledger,
    approvals,
    effects,
    permits,
    judge,
    start: () => judge({ cursor: ledger.run.cursor }),
    movePolicy(yaml: string) {
      ledger.policyVersion += 1;
      policy = aPolicy(yaml, ledger.policyVersion);
    },
    answer(judgement: Judgement, status: Approval['status'], comment: string | null = null) {
      for (const { approval_id } of judgement.actions) {
        const action = judgement.cursor.open.find((open) => open.approval_id === approval_id);
        approvals.set(approval_id ?? '', {
          status,
          kind: 'action',
          approval_id,
          decided_by: 'user:amir',
          comment,
          call_hash: action?.call_hash,
        } as Approval);
      }
    },
  };
}

const note = (text: string, more = {}) => ({ tool: 'note', input: { text }, ...more });

describe('judgeActions on a workflow', () => {
  it('permits a step without effect and goes on to the next until all are done', async () => {
    const { start, judge, permits, ledger } = setUp(aWorkflow(note('one'), note('two')));
    const first = await start();
    expect(first).toMatchObject({ next: 'step', actions: [{ turn: 0, index: 0, tool: 'note' }] });
    const second = await judge(first, [{ index: 0, status: 'done', cost_micros: 0 }]);
    expect(second).toMatchObject({ next: 'step', actions: [{ turn: 1 }] });
    const end = await judge(second, [{ index: 0, status: 'done', cost_micros: 0 }]);
    expect(end.next).toBe('finish');
    expect(ledger.run).toMatchObject({ status: 'COMPLETED', outcome: { code: null } });
    expect(permits).toHaveLength(2);
  });

  it('asks before a mail, and permits it once it is granted', async () => {
    const { start, judge, answer, ledger } = setUp(aWorkflow({ tool: 'send_email', input: mail }));
    const asked = await start();
    expect(asked).toMatchObject({ next: 'ask', permit: null, actions: [{ executor: 'person' }] });
    expect(ledger.run.status).toBe('WAITING');
    answer(asked, 'granted');
    const granted = await judge(asked);
    expect(granted).toMatchObject({ next: 'step', actions: [{ tool: 'send_email' }] });
    expect(ledger.run).toMatchObject({ status: 'RUNNING', budget: { reserved: 100 } });
    const end = await judge(granted, [{ index: 0, status: 'done', cost_micros: 100 }]);
    expect(end.next).toBe('finish');
    expect(ledger.run.budget).toMatchObject({ reserved: 0, spent: 100 });
  });

  it.each([
    ['refused', 'approval.refused'],
    ['expired', 'approval.expired'],
  ] as const)('ends with its code when the mail is %s', async (status, code) => {
    const { start, judge, answer, ledger } = setUp(aWorkflow({ tool: 'send_email', input: mail }));
    const asked = await start();
    answer(asked, status);
    expect((await judge(asked)).next).toBe('finish');
    expect(ledger.run).toMatchObject({ status: 'FAILED', outcome: { code } });
  });

  it('follows the chosen branch when a question expires', async () => {
    const steps = [{ tool: 'send_email', input: mail, on_expired: 'continue' }, note('after')];
    const { start, judge, answer } = setUp(aWorkflow(...steps));
    const asked = await start();
    answer(asked, 'expired');
    expect(await judge(asked)).toMatchObject({
      next: 'step',
      actions: [{ turn: 1, tool: 'note' }],
    });
  });

  it('asks anew when the policy moved between the question and the grant', async () => {
    const { start, judge, answer, movePolicy } = setUp(
      aWorkflow({ tool: 'send_email', input: mail }),
    );
    const asked = await start();
    answer(asked, 'granted');
    movePolicy(
      'version: "1.0"\nrules:\n  - name: mail\n    action: send_email\n    requires_approval: true\n',
    );
    const again = await judge(asked);
    expect(again.next).toBe('ask');
    expect(again.actions[0]?.approval_id).not.toBe(asked.actions[0]?.approval_id);
  });

  it('fails by name when policy denies, without a permit', async () => {
    const yaml =
      'version: "1.0"\nrules:\n  - name: no_mail\n    action: send_email\n    deny: true\n';
    const { start, ledger, permits } = setUp(aWorkflow({ tool: 'send_email', input: mail }), {
      yaml,
    });
    expect((await start()).next).toBe('finish');
    expect(ledger.run.outcome?.code).toBe('policy.denied');
    expect(permits).toEqual([]);
  });

  it('fails when the worst case does not fit the budget, before anything is done', async () => {
    const code = {
      tool: 'run_code',
      input: { language: 'bash', code: 'true', timeout_seconds: 600 },
    };
    const { start, ledger } = setUp(aWorkflow(code), { limitMicros: 1799 });
    expect((await start()).next).toBe('finish');
    expect(ledger.run).toMatchObject({
      status: 'FAILED',
      outcome: { code: 'budget.exceeded' },
      budget: { reserved: 0, spent: 0 },
    });
  });

  it('ends as cancelled when the flag is set, and settles what was open', async () => {
    const code = { tool: 'run_code', input: { language: 'bash', code: 'true' } };
    const { start, judge, ledger } = setUp(aWorkflow(code, note('never')));
    const first = await start();
    expect(first.next).toBe('sandbox');
    ledger.run = { ...ledger.run, cancel_requested_at: 'now', cancel_requested_by: 'user:olivia' };
    expect((await judge(first, [{ index: 0, status: 'crashed' }])).next).toBe('finish');
    expect(ledger.run).toMatchObject({ status: 'CANCELLED', budget: { reserved: 0 } });
  });

  it('asks a person when an executor died and the mail may have left', async () => {
    const { start, judge, answer, ledger, effects } = setUp(
      aWorkflow({ tool: 'send_email', input: mail }),
    );
    const asked = await start();
    answer(asked, 'granted');
    const granted = await judge(asked);
    const effectKey = granted.cursor.open[0]?.effect_key ?? '';
    effects.set(effectKey, { status: 'SENT' } as Effect);
    const doubt = await judge(granted, [{ index: 0, status: 'crashed' }]);
    expect(doubt).toMatchObject({ next: 'ask', permit: null });
    expect(await ledger.action(0, 0)).toMatchObject({ status: 'ASKED', approval_kind: 'effect' });
  });

  it('gives a retried invocation the answer of the first', async () => {
    const { ledger, judge, permits } = setUp(aWorkflow(note('one')));
    const cursor = ledger.run.cursor;
    const first = await judge({ cursor });
    const second = await judge({ cursor });
    expect(second).toEqual(first);
    expect(ledger.log.filter(({ kind }) => kind === 'judged')).toHaveLength(1);
    expect(permits).toHaveLength(2);
  });

  it('stops at the limit of steps', async () => {
    const { start, judge, ledger } = setUp(aWorkflow(note('one'), note('two')), { steps: 1 });
    await judge(await start(), [{ index: 0, status: 'done' }]);
    expect(ledger.run.outcome?.code).toBe('run.steps_exceeded');
  });

  it('keeps the log an unbroken chain and the budget in balance, whatever happens', async () => {
    const fate = fc.constantFrom('done', 'failed', 'crashed', 'granted', 'refused', 'expired');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.nat(3000),
        async (fates, limitMicros) => {
          const steps = [
            note('a', { on_error: 'continue' }),
            { tool: 'send_email', input: mail, on_refused: 'continue', on_expired: 'continue' },
            { tool: 'run_code', input: { language: 'bash', code: 'true' }, on_error: 'continue' },
            note('z'),
          ];
          const { start, judge, answer, ledger, ref } = setUp(aWorkflow(...steps), { limitMicros });
          let judgement = await start();
          for (const next of fates) {
            if (judgement.next === 'finish') break;
            if (judgement.next === 'ask') {
              answer(judgement, next === 'granted' || next === 'refused' ? next : 'expired');
              judgement = await judge(judgement);
            } else {
              const status = next === 'done' || next === 'failed' ? next : 'crashed';
              judgement = await judge(judgement, [{ index: 0, status, cost_micros: 50 }]);
            }
            const { limit, available, reserved, spent } = ledger.run.budget;
            expect(available + reserved + spent).toBe(limit);
            expect(Math.min(available, reserved, spent)).toBeGreaterThanOrEqual(0);
          }
          expect(firstBreak(ledger.log, emptyLog(ref.tenant, ref.run_id))).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('judgeActions on a turn of a model', () => {
  const words: TaskBody = { words: 'do it', workflow: null };
  const turn = (actions: { tool: string; input: unknown }[], answer: string | null = null) => ({
    turn: 0,
    actions: actions.map((action, i) => ({ id: `call_${i}`, ...action })),
    answer,
    model: 'mirai-tour',
    tokens: { input: 1, output: 1 },
    cost_micros: 0,
  });

  it('finishes with the model’s answer', async () => {
    const { start, ledger } = setUp(words);
    ledger.putTurn(turn([], 'Here you are.'));
    expect((await start()).next).toBe('finish');
    expect(ledger.run.outcome).toMatchObject({ status: 'COMPLETED', answer: 'Here you are.' });
  });

  it('carries out what is allowed first and asks about the rest afterwards', async () => {
    const { start, judge, ledger } = setUp(words);
    ledger.putTurn(turn([note('a'), { tool: 'send_email', input: mail }, note('b')]));
    const first = await start();
    expect(first).toMatchObject({ next: 'act_many', then: 'judge' });
    expect(first.actions.map(({ index }) => index)).toEqual([0, 2]);
    const done = first.actions.map(({ index }) => ({ index, status: 'done' as const }));
    const second = await judge(first, done);
    expect(second).toMatchObject({ next: 'ask', actions: [{ index: 1, executor: 'person' }] });
  });

  it('shows a denied and an invalid call to the model and lets it choose again', async () => {
    const { start, ledger } = setUp(words);
    ledger.putTurn(
      turn([
        { tool: 'fetch_url', input: { url: 'http://malware-db.com/x' } },
        { tool: 'no_such_tool', input: {} },
        { tool: 'note', input: { text: 7 } },
      ]),
    );
    expect(await start()).toMatchObject({ next: 'choose', cursor: { turn: 1, open: [] } });
    const statuses = (await ledger.actions()).map(({ status }) => status);
    expect(statuses).toEqual(['DENIED', 'INVALID', 'INVALID']);
  });

  it('asks before dangerous code, and reports the refusal as blocked by policy', async () => {
    const { start, judge, answer, ledger } = setUp(words);
    ledger.putTurn(
      turn([{ tool: 'run_code', input: { language: 'python', code: "os.system('rm -rf /')" } }]),
    );
    const asked = await start();
    expect(asked.next).toBe('ask');
    expect((await ledger.action(0, 0))?.reasons[0]).toContain('DANGEROUS COMMAND DETECTED');
    answer(asked, 'refused');
    expect((await judge(asked)).next).toBe('choose');
    expect((await ledger.action(0, 0))?.observation).toContain('Action blocked by policy');
  });

  it('gives a person’s words to the model as the observation of the question', async () => {
    const { start, judge, answer, approvals, ledger } = setUp(words);
    ledger.putTurn(turn([{ tool: 'ask_person', input: { question: 'Which year?' } }]));
    const asked = await start();
    expect(asked.next).toBe('ask');
    answer(asked, 'granted', '2025');
    for (const approval of approvals.values()) Object.assign(approval, { kind: 'question' });
    expect((await judge(asked)).next).toBe('choose');
    expect((await ledger.action(0, 0))?.observation).toContain('"answer":"2025"');
  });

  it('starts a single sandbox job and counts equal effects', async () => {
    const { start, ledger } = setUp(words);
    const code = { tool: 'write_artifact', input: { name: 'a.txt', content: 'x' } };
    ledger.putTurn(turn([code, code]));
    const judgement = await start();
    expect(judgement.cursor.open.map(({ occurrence }) => occurrence)).toEqual([0, 1]);
    expect(judgement.cursor.open[0]?.effect_key).toBe(judgement.cursor.open[1]?.effect_key);
    expect(judgement.cursor.open[0]?.call_hash).not.toBe(judgement.cursor.open[1]?.call_hash);
  });
});
