import { afterEach, describe, expect, test } from '@jest/globals';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  ended,
  jsonata,
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
