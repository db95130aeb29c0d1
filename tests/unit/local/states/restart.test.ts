import { afterEach, describe, expect, test } from '@jest/globals';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '#local/kernel/database.ts';
import {
  ended,
  FunctionError,
  jsonata,
  lambda,
  started,
  statesCloud,
} from '#tests/support/states-cloud.ts';

const folder = mkdtempSync(join(tmpdir(), 'mirai-states-'));
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const RETRY = [
  {
    ErrorEquals: ['Flaky', 'Lambda.Unknown'],
    IntervalSeconds: 1,
    MaxDelaySeconds: 1,
    JitterStrategy: 'FULL',
    MaxAttempts: 9,
  },
];
const ASK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Arguments: { QueueUrl: 'q', MessageBody: { token: '{% $states.context.Task.Token %}' } },
  Retry: [
    {
      ErrorEquals: ['SQS.SdkClientException'],
      IntervalSeconds: 1,
      MaxDelaySeconds: 1,
      JitterStrategy: 'FULL',
    },
  ],
  Assign: { answer: '{% $states.result %}' },
  Next: 'Sum',
};
const WORKFLOW = jsonata({
  Choose: { Type: 'Pass', Assign: { nonce: '{% $random() %}', base: 100 }, Next: 'Each' },
  Each: {
    Type: 'Map',
    Items: '{% $states.input.items %}',
    ItemSelector: { item: '{% $states.context.Map.Item.Value %}', nonce: '{% $nonce %}' },
    MaxConcurrency: 2,
    ItemProcessor: {
      StartAt: 'Work',
      States: {
        Work: lambda('work', {
          Retry: RETRY,
          Assign: { got: '{% $states.result.Payload %}', item: '{% $states.input %}' },
          Next: 'Add',
        }),
        Add: {
          Type: 'Pass',
          Output: '{% {"sum": $got + $base, "nonce": $item.nonce} %}',
          End: true,
        },
      },
    },
    Assign: { squares: '{% $states.result.sum %}', seen: '{% $states.result.nonce %}' },
    Next: 'Ask',
  },
  Ask: ASK,
  Sum: {
    Type: 'Pass',
    Output: {
      squares: '{% $squares %}',
      answer: '{% $answer %}',
      same: '{% $distinct($seen)[0] = $nonce and $count($distinct($seen)) = 1 %}',
    },
    End: true,
  },
});

/** A cloud whose function fails once for the item 2, and whose queue's reader answers each token. */
async function generation(path: string) {
  const seen: number[] = [];
  let failed = false;
  const cloud = await statesCloud({
    path,
    functions: {
      work({ item }: { item: number }) {
        seen.push(item);
        if (item === 2 && !failed) {
          failed = true;
          throw new FunctionError('Flaky');
        }
        return item * item;
      },
    },
    actions: {
      'sqs:SendMessage': ({ MessageBody }: { MessageBody: string }) => {
        const { token } = JSON.parse(MessageBody) as { token: string };
        setTimeout(() => void answer(token), 3);
        return { MessageId: 'm' };
      },
    },
  });
  closers.push(() => cloud.close());
  const answer = (taskToken: string) =>
    cloud.sfn
      .send(new SendTaskSuccessCommand({ taskToken, output: '"yes"' }))
      .catch(() => undefined);
  return { ...cloud, seen, answer };
}

const EXPECTED = { squares: [101, 104, 109], answer: 'yes', same: true };

describe('an execution whose process died', () => {
  test('goes on after any of its events, without running again what had ended', async () => {
    const whole = join(folder, 'whole.db');
    const first = await generation(whole);
    const arn = await first.machine(WORKFLOW);
    const { executionArn } = await started(first.sfn, arn, { items: [1, 2, 3] }, 'run');
    expect(JSON.parse((await ended(first.sfn, executionArn)).output ?? '')).toEqual(EXPECTED);
    await closers.splice(0)[0]?.();
    const { count } = inDatabase(whole, (database) =>
      database.get<{ count: number }>('SELECT MAX(seq) AS count FROM states_events'),
    ) ?? { count: 0 };
    expect(count).toBeGreaterThan(30);

    const ends = await Promise.all(
      Array.from({ length: count - 1 }, async (_, index) => {
        const path = join(folder, `after-${index + 1}.db`);
        cutAfter(whole, path, index + 1);
        const { token, waits } = inDatabase(path, waitingToken);
        const second = await generation(path);
        if (token && waits) void second.answer(token);
        const end = await ended(second.sfn, executionArn);
        return { end, seen: second.seen, path };
      }),
    );
    for (const [index, { end, seen, path }] of ends.entries()) {
      expect([
        index + 1,
        end.status,
        end.error,
        end.output && (JSON.parse(end.output) as unknown),
      ]).toEqual([index + 1, 'SUCCEEDED', undefined, EXPECTED]);
      const begun = inDatabase(path, (database) => countEvents(database, 'TaskStarted', index + 1));
      const asked = inDatabase(path, (database) => countAsked(database, index + 1));
      // Every call was announced by an event before it went out, and each announced call went out once.
      expect([index + 1, seen.length]).toEqual([index + 1, begun - asked]);
      // Each of the three items and the question succeeded exactly once, over both lives.
      expect([
        index + 1,
        inDatabase(path, (database) => countEvents(database, 'TaskSucceeded', 0)),
      ]).toEqual([index + 1, 4]);
    }
  }, 20_000);

  test('keeps its token and the time at which it wakes', async () => {
    const path = join(folder, 'waiting.db');
    let first = await generation(path);
    const wait = await first.machine(jsonata({ Wait: { Type: 'Wait', Seconds: 1, End: true } }), {
      StateMachineName: 'wait',
    });
    const ask = await first.machine(
      jsonata({
        Ask: { ...ASK, Arguments: { QueueUrl: 'q', MessageBody: { token: 'kept away' } } },
        Sum: { Type: 'Succeed' },
      }),
      { StateMachineName: 'ask' },
    );
    const began = Date.now();
    const waiting = await started(first.sfn, wait);
    const asking = await started(first.sfn, ask);
    await sleep(600);
    await closers.splice(0)[0]?.();
    const { token } = inDatabase(path, waitingToken);
    first = await generation(path);
    await first.answer(token ?? '');
    expect((await ended(first.sfn, asking.executionArn)).output).toBe('"yes"');
    const end = await ended(first.sfn, waiting.executionArn);
    expect(end.status).toBe('SUCCEEDED');
    expect((end.stopDate?.getTime() ?? 0) - began).toBeLessThan(1300);
  });

  test('sees a function that was at work as lost, and its Catch decides', async () => {
    const path = join(folder, 'lost.db');
    const first = await statesCloud({
      path,
      functions: { hang: () => new Promise(() => undefined) },
    });
    const arn = await first.machine(
      jsonata({
        Hang: lambda('hang', {
          Catch: [{ ErrorEquals: ['Lambda.Unknown'], Output: 'lost', Next: 'End' }],
          End: true,
        }),
        End: { Type: 'Succeed' },
      }),
    );
    const { executionArn } = await started(first.sfn, arn);
    while (first.calls.length === 0) await sleep(2);
    await first.close();
    const second = await generation(path);
    expect((await ended(second.sfn, executionArn)).output).toBe('"lost"');
  });
});

function inDatabase<Result>(path: string, read: (database: Database) => Result): Result {
  const database = new Database(path);
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/** A copy in which the events after the k-th never became durable. */
function cutAfter(from: string, to: string, k: number): void {
  copyFileSync(from, to);
  inDatabase(to, (database) => {
    database.run('DELETE FROM states_events WHERE seq > ?', k);
    database.run('DELETE FROM states_tokens WHERE task > ?', k);
    database.run("UPDATE states_executions SET status = 'RUNNING', stopped = NULL, output = NULL");
  });
}

function waitingToken(database: Database): { token?: string; waits: boolean } {
  const row = database.get<{ token: string }>('SELECT token FROM states_tokens ORDER BY task DESC');
  const waits = countEvents(database, 'TaskSubmitted', 0) > 0;
  return { ...(row ? { token: row.token } : {}), waits };
}

function countEvents(database: Database, type: string, after: number): number {
  return (
    database.get<{ n: number }>(
      'SELECT COUNT(*) AS n FROM states_events WHERE type = ? AND seq > ?',
      type,
      after,
    )?.n ?? 0
  );
}

function countAsked(database: Database, after: number): number {
  return (
    database.get<{ n: number }>(
      "SELECT COUNT(*) AS n FROM states_events WHERE type = 'TaskStarted' AND details LIKE '%sqs%' AND seq > ?",
      after,
    )?.n ?? 0
  );
}
