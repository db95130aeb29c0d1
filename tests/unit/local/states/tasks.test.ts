import { afterEach, describe, expect, test } from '@jest/globals';
import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ended,
  FunctionError,
  jsonata,
  lambda,
  PASS,
  run,
  started,
  statesCloud,
  type StatesCloud,
} from '#tests/support/states-cloud.ts';

let open: StatesCloud | undefined;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function cloudWith(options: Parameters<typeof statesCloud>[0] = {}): Promise<StatesCloud> {
  open = await statesCloud(options);
  return open;
}

describe('a task', () => {
  test('invokes a function under the role of the state machine', async () => {
    const cloud = await cloudWith({
      functions: { add: ({ a, b }: { a: number; b: number }) => a + b },
    });
    const execution = await run(
      cloud,
      jsonata({ Add: lambda('add', { Output: '{% $states.result.Payload %}', End: true }) }),
      { a: 1, b: 2 },
    );
    expect(execution.output).toBe('3');
    expect(cloud.calls[0]?.principal).toMatchObject({
      kind: 'role',
      roleArn: 'arn:aws:iam::000000000000:role/machine',
      sessionName: execution.name,
    });
  });

  test('is tried again after an error that its Retry names, and then caught', async () => {
    let calls = 0;
    const cloud = await cloudWith({
      functions: {
        fail: () => {
          calls += 1;
          throw new FunctionError('Flaky', 'not now');
        },
      },
    });
    const execution = await run(
      cloud,
      jsonata({
        Try: lambda('fail', {
          Retry: [
            {
              ErrorEquals: ['Flaky'],
              IntervalSeconds: 1,
              MaxAttempts: 2,
              MaxDelaySeconds: 1,
              JitterStrategy: 'FULL',
            },
          ],
          Catch: [
            {
              ErrorEquals: ['States.ALL'],
              Output:
                '{% $states.errorOutput.Error & ": " & $parse($states.errorOutput.Cause).errorMessage %}',
              Next: 'Done',
            },
          ],
          End: true,
        }),
        Done: PASS,
      }),
    );
    expect(calls).toBe(3);
    expect(execution.output).toBe('"Flaky: not now"');
  });

  test('fails with the names of the SDK when the service refuses the call', async () => {
    const cloud = await cloudWith();
    const execution = await run(cloud, jsonata({ Call: lambda('missing', { End: true }) }));
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.ResourceNotFoundException',
    });
    expect(execution.cause).toContain('Service: AWSLambda; Status Code: 404');
  });

  test('waits for its token, takes heartbeats, and tells late callers that it is gone', async () => {
    const tokens: string[] = [];
    const cloud = await cloudWith({
      actions: {
        'sqs:SendMessage': ({ MessageBody }: { MessageBody: string }) => {
          tokens.push((JSON.parse(MessageBody) as { token: string }).token);
          return { MessageId: 'm', MD5OfMessageBody: 'x' };
        },
      },
    });
    const ask = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl: 'q', MessageBody: { token: '{% $states.context.Task.Token %}' } },
      HeartbeatSeconds: 60,
      End: true,
    };
    const arn = await cloud.machine(jsonata({ Ask: ask }));
    const { executionArn } = await started(cloud.sfn, arn);
    while (tokens.length === 0) await sleep(2);
    const taskToken = tokens[0];
    await cloud.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    await expect(
      cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: 'no json' })),
    ).rejects.toMatchObject({ name: 'InvalidOutput' });
    await cloud.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"granted":true}' }));
    expect((await ended(cloud.sfn, executionArn)).output).toBe('{"granted":true}');
    await expect(cloud.sfn.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toMatchObject(
      { name: 'TaskTimedOut' },
    );
    await expect(
      cloud.sfn.send(new SendTaskFailureCommand({ taskToken: 'made up' })),
    ).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  test('without a heartbeat in time fails, and HeartbeatTimeout catches it', async () => {
    const cloud = await cloudWith({ actions: { 'sqs:SendMessage': () => ({ MessageId: 'm' }) } });
    const execution = await run(
      cloud,
      jsonata({
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          Arguments: { QueueUrl: 'q', MessageBody: '{% $states.context.Task.Token %}' },
          TimeoutSeconds: 60,
          HeartbeatSeconds: 1,
          Catch: [
            {
              ErrorEquals: ['States.HeartbeatTimeout'],
              Output: '{% $states.errorOutput.Error %}',
              Next: 'Silent',
            },
          ],
          End: true,
        },
        Silent: PASS,
      }),
    );
    expect(execution.output).toBe('"States.Timeout"');
  });

  test('runs another state machine and gives its parsed output', async () => {
    const cloud = await cloudWith();
    const child = await cloud.machine(
      jsonata({ Work: { ...PASS, Output: { done: '{% $states.input.x %}' } } }),
      { StateMachineName: 'child' },
    );
    const execution = await run(
      cloud,
      jsonata({
        Nest: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution.sync:2',
          Arguments: { StateMachineArn: child, Input: { x: 5 } },
          Output: '{% $states.result.Output.done %}',
          End: true,
        },
      }),
    );
    expect(execution.output).toBe('5');
  });

  test('calls any action of a served service, with its errors named as the SDK does', async () => {
    const cloud = await cloudWith({
      actions: { 'kms:Sign': ({ KeyId }: { KeyId: string }) => ({ KeyId, Signature: 'c2ln' }) },
    });
    const call = (action: string) => ({
      Type: 'Task',
      Resource: `arn:aws:states:::aws-sdk:kms:${action}`,
      Arguments: { KeyId: 'k' },
      End: true,
    });
    expect((await run(cloud, jsonata({ Sign: call('sign') }))).output).toBe(
      '{"KeyId":"k","Signature":"c2ln"}',
    );
    expect(await run(cloud, jsonata({ Verify: call('verify') }))).toMatchObject({
      status: 'FAILED',
      error: 'Kms.NotServedLocallyException',
    });
  });
});

describe('branches', () => {
  test('of a Map run at most MaxConcurrency at a time and keep the order of their items', async () => {
    let now = 0;
    let most = 0;
    const cloud = await cloudWith({
      functions: {
        work: async (n: number) => {
          most = Math.max(most, (now += 1));
          await sleep(3);
          now -= 1;
          return n * n;
        },
      },
    });
    const execution = await run(
      cloud,
      jsonata({
        Each: {
          Type: 'Map',
          Items: '{% $states.input.items %}',
          MaxConcurrency: 3,
          ItemProcessor: {
            StartAt: 'Work',
            States: { Work: lambda('work', { Output: '{% $states.result.Payload %}', End: true }) },
          },
          End: true,
        },
      }),
      { items: [1, 2, 3, 4, 5, 6, 7] },
    );
    expect(execution.output).toBe('[1,4,9,16,25,36,49]');
    expect(most).toBe(3);
  });

  test('of a Parallel see outer variables, keep their own, and fail together', async () => {
    const cloud = await cloudWith({ functions: { never: () => new Promise(() => undefined) } });
    const execution = await run(
      cloud,
      jsonata({
        Set: { Type: 'Pass', Assign: { v: 1 }, Next: 'Both' },
        Both: {
          Type: 'Parallel',
          Branches: [
            {
              StartAt: 'Inner',
              States: {
                Inner: { Type: 'Pass', Assign: { w: '{% $v + 1 %}' }, Next: 'Break' },
                Break: { Type: 'Fail', Error: 'Broken', Cause: '{% "w is " & $string($w) %}' },
              },
            },
            { StartAt: 'Hang', States: { Hang: lambda('never', { End: true }) } },
          ],
          Catch: [{ ErrorEquals: ['Broken'], Output: '{% $states.errorOutput %}', Next: 'After' }],
          End: true,
        },
        After: { Type: 'Pass', Output: '{% [$states.input.Cause, $exists($w)] %}', End: true },
      }),
    );
    expect(execution.output).toBe('["w is 2",false]');
  });
});
