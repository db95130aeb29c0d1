import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Platform, type TenantKeys } from '#tests/support/platform.ts';

const mail = { to: ['finance@acme.example'], subject: 'Totals', text: 'Done.' };
const body = {
  workflow: {
    steps: [
      { tool: 'run_code', input: { language: 'bash', code: 'mkdir -p out; echo 1 > out/a.txt' } },
      { tool: 'send_email', input: mail },
    ],
  },
};

let platform: Platform;
let acme: TenantKeys;

beforeAll(async () => {
  platform = await new Platform({ faults: ['duplicate=0.6,late=0.4,lateMs=400,seed=7'] }).start();
  acme = await platform.tenant('acme');
}, 120_000);

afterAll(() => platform?.remove());

describe('messages and events that come twice, late and out of order', () => {
  it('change nothing: every task ends once, with one mail', async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, () => platform.submit(acme.owner, body)),
    );
    await Promise.all(
      ids.map(async (id) => {
        const task = await platform.waiting(acme.owner, id, 60);
        await platform.decide(acme.approver, task, 'granted');
        expect(await platform.ended(acme.owner, id, 60)).toMatchObject({
          status: 'COMPLETED',
          attempt: 1,
        });
      }),
    );
    const mails = (await platform.mails()).map(({ tags }) => tags.task as string);
    expect(mails.toSorted()).toEqual(ids.toSorted());
  }, 150_000);

  it('leave no place taken', async () => {
    const [row] = platform.query<{ n: number }>(
      `SELECT COUNT(*) AS n FROM states_executions WHERE status = 'RUNNING'`,
    );
    expect(row?.n).toBe(0);
  });
});

describe('an execution that is stopped from outside', () => {
  it('ends the task as aborted, with everything settled', async () => {
    const id = await platform.submit(acme.owner, {
      workflow: { steps: [{ tool: 'send_email', input: mail }] },
    });
    const task = await platform.waiting(acme.owner, id, 60);
    const machine = platform.outputs['RunStateMachineArn'] ?? '';
    const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${task.run_id as string}`;
    await new SFNClient(platform.root).send(new StopExecutionCommand({ executionArn }));
    expect(await platform.ended(acme.owner, id, 60)).toMatchObject({
      status: 'FAILED',
      run: { outcome: { code: 'run.aborted' }, budget: { reserved_usd: 0 } },
    });
    const approvals = await platform.call(acme.approver, 'GET', '/v1/approvals?limit=1');
    expect(approvals.body.items[0].status).toBe('cancelled');
  }, 90_000);
});
