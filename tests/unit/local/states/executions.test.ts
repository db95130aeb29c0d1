import { afterEach, describe, expect, test } from '@jest/globals';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionError, statesCloud } from '#tests/support/states-cloud.ts';

type TestCloud = Awaited<ReturnType<typeof statesCloud>>;
let open: TestCloud | undefined;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function cloudWith(options: Parameters<typeof statesCloud>[0] = {}): Promise<TestCloud> {
  open = await statesCloud(options);
  return open;
}

async function ended(sfn: SFNClient, executionArn: string | undefined) {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await sleep(2);
  }
}

async function started(
  sfn: SFNClient,
  stateMachineArn: string,
  input: unknown = {},
  name?: string,
) {
  const request = { stateMachineArn, input: JSON.stringify(input), ...(name ? { name } : {}) };
  return sfn.send(new StartExecutionCommand(request));
}

async function run(cloud: TestCloud, definition: object, input: unknown = {}) {
  const arn = await cloud.machine(definition);
  const { executionArn } = await started(cloud.sfn, arn, input);
  return ended(cloud.sfn, executionArn);
}

const PASS = { Type: 'Pass', End: true };
const jsonata = (states: object, startAt = Object.keys(states)[0]) => ({
  QueryLanguage: 'JSONata',
  StartAt: startAt,
  States: states,
});
const lambda = (name: string, rest: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  ...rest,
});

describe('an execution', () => {
  test('passes its input through states and tells its history with ids and previous ids', async () => {
    const cloud = await cloudWith();
    const arn = await cloud.machine(
      jsonata({
        Double: {
          Type: 'Pass',
          Output: { n: '{% $states.input.n * 2 %}' },
          Assign: { first: '{% $states.input.n %}' },
          Next: 'Sum',
        },
        Sum: { Type: 'Pass', Output: '{% $states.input.n + $first %}', End: true },
      }),
    );
    const { executionArn } = await started(cloud.sfn, arn, { n: 4 }, 'one');
    const execution = await ended(cloud.sfn, executionArn);
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      output: '12',
      name: 'one',
      input: '{"n":4}',
    });
    const { events = [] } = await cloud.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'PassStateEntered'],
      [3, 2, 'PassStateExited'],
      [4, 3, 'PassStateEntered'],
      [5, 4, 'PassStateExited'],
      [6, 5, 'ExecutionSucceeded'],
    ]);
    expect(events[2]?.stateExitedEventDetails).toEqual({
      name: 'Double',
      output: '{"n":8}',
      outputDetails: { truncated: false },
      assignedVariables: { first: '4' },
      assignedVariablesDetails: { truncated: false },
    });
  });

  test('pages its history both ways and leaves data out when asked', async () => {
    const cloud = await cloudWith();
    const { executionArn } = await run(
      cloud,
      jsonata({ A: { ...PASS, End: false, Next: 'B' }, B: PASS }),
      { secret: 1 },
    );
    const ids: (number | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await cloud.sfn.send(
        new GetExecutionHistoryCommand({
          executionArn,
          maxResults: 4,
          nextToken,
          reverseOrder: true,
          includeExecutionData: false,
        }),
      );
      ids.push(...(page.events ?? []).map(({ id }) => id));
      expect(JSON.stringify(page.events)).not.toContain('secret');
      nextToken = page.nextToken;
    } while (nextToken);
    expect(ids).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test('of the same name and input is the same while it runs, and refused otherwise', async () => {
    const cloud = await cloudWith();
    const arn = await cloud.machine(jsonata({ Wait: { Type: 'Wait', Seconds: 600, End: true } }));
    const first = await started(cloud.sfn, arn, { a: 1 }, 'same');
    const again = await started(cloud.sfn, arn, { a: 1 }, 'same');
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await expect(started(cloud.sfn, arn, { a: 2 }, 'same')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
    await cloud.sfn.send(
      new StopExecutionCommand({
        executionArn: first.executionArn,
        error: 'Enough',
        cause: 'tested',
      }),
    );
    expect(await ended(cloud.sfn, first.executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'tested',
    });
    await expect(started(cloud.sfn, arn, { a: 1 }, 'same')).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
    });
  });

  test('is refused with a bad name, bad input, or an unknown state machine', async () => {
    const cloud = await cloudWith();
    const arn = await cloud.machine(jsonata({ A: PASS }));
    await expect(started(cloud.sfn, arn, {}, 'a b')).rejects.toMatchObject({ name: 'InvalidName' });
    await expect(
      cloud.sfn.send(new StartExecutionCommand({ stateMachineArn: arn, input: '{' })),
    ).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(started(cloud.sfn, `${arn}x`)).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
    await expect(started(cloud.sfn, 'arn:aws:sns:a:b:c')).rejects.toMatchObject({
      name: 'InvalidArn',
    });
  });

  test('is listed by status, newest first', async () => {
    const cloud = await cloudWith();
    const arn = await cloud.machine(jsonata({ A: PASS }));
    for (const name of ['a', 'b', 'c']) {
      await ended(cloud.sfn, (await started(cloud.sfn, arn, {}, name)).executionArn);
    }
    const first = await cloud.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: arn, maxResults: 2, statusFilter: 'SUCCEEDED' }),
    );
    expect(first.executions?.map(({ name }) => name)).toEqual(['c', 'b']);
    const second = await cloud.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: arn, nextToken: first.nextToken }),
    );
    expect(second.executions?.map(({ name }) => name)).toEqual(['a']);
  });

  test('ends by its own TimeoutSeconds', async () => {
    const cloud = await cloudWith();
    const execution = await run(cloud, {
      ...jsonata({ Wait: { Type: 'Wait', Seconds: 60, End: true } }),
      TimeoutSeconds: 1,
    });
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
  });

  test('publishes each change of its status to the default bus', async () => {
    const cloud = await cloudWith();
    const published: unknown[] = [];
    cloud.cloud.publishEvent = ({ source, detailType, detail }) => {
      const { status, output, stopDate } = detail as {
        status: string;
        output: unknown;
        stopDate: unknown;
      };
      published.push([source, detailType, status, output, typeof stopDate]);
    };
    await run(cloud, jsonata({ A: { ...PASS, Output: 7 } }));
    expect(published).toEqual([
      ['aws.states', 'Step Functions Execution Status Change', 'RUNNING', null, 'object'],
      ['aws.states', 'Step Functions Execution Status Change', 'SUCCEEDED', '7', 'number'],
    ]);
  });
});

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
