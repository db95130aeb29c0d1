import { describe, expect, test } from '@jest/globals';
import { Data, type Json } from '#local/workflow/json.ts';
import { backoff, matches } from '#local/workflow/recover-from-failure.ts';
import { runInMemory, type Launch } from '#tests/support/virtual-host.ts';

const jsonata = (states: object, rest: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...rest,
});
const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: {}, End: true };
const none: Launch = () => undefined;
const failing =
  (error: string): Launch =>
  (execution, call) =>
    queueMicrotask(() =>
      execution.settle(call.thread, call.task.seq, { kind: 'failed', error, cause: 'because' }),
    );

async function endOf(definition: object, input: Json = {}, launch: Launch = none) {
  const { last, events } = await runInMemory(definition, input, launch);
  const { error, cause } = (last?.details ?? {}) as { error?: string; cause?: string };
  return { type: last?.type, output: last?.data?.value, error, cause, events };
}

describe('the interpreter', () => {
  test('waits on the clock for seconds and until a time, not in between', async () => {
    const { events } = await endOf(
      jsonata({
        Short: { Type: 'Wait', Seconds: '{% 2 * 30 %}', Next: 'Long' },
        Long: { Type: 'Wait', Timestamp: '2026-01-01T01:00:00Z', End: true },
      }),
    );
    const times = events
      .filter(({ type }) => type === 'WaitStateExited')
      .map(({ at }) => new Date(at).toISOString());
    expect(times).toEqual(['2026-01-01T00:01:00.000Z', '2026-01-01T01:00:00.000Z']);
  });

  test('keeps each interval between attempts within MaxDelaySeconds', async () => {
    const Retry = [
      {
        ErrorEquals: ['States.TaskFailed'],
        IntervalSeconds: 10,
        BackoffRate: 3,
        MaxAttempts: 3,
        MaxDelaySeconds: 50,
      },
    ];
    const { events, error } = await endOf(
      jsonata({ Do: { ...TASK, Retry } }),
      {},
      failing('Broken'),
    );
    const at = events.filter(({ type }) => type === 'TaskScheduled').map((event) => event.at);
    expect(at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1000)).toEqual([
      10, 30, 50,
    ]);
    expect(error).toBe('Broken');
  });

  test('times a task out and does not take its late answer', async () => {
    let late: (() => boolean) | undefined;
    const end = await endOf(
      jsonata({ Do: { ...TASK, TimeoutSeconds: '{% 1 + 1 %}' } }),
      {},
      (execution, call) => {
        late = () =>
          execution.settle(call.thread, call.task.seq, { kind: 'succeeded', output: Data.of(1) });
      },
    );
    expect(end).toMatchObject({ type: 'ExecutionFailed', error: 'States.Timeout' });
    expect(late?.()).toBe(false);
  });

  test('refuses a result of more than 256 KiB', async () => {
    const big = Data.of('x'.repeat(262_144));
    const end = await endOf(jsonata({ Do: TASK }), {}, (execution, call) =>
      queueMicrotask(() =>
        execution.settle(call.thread, call.task.seq, { kind: 'succeeded', output: big }),
      ),
    );
    expect(end).toMatchObject({ type: 'ExecutionFailed', error: 'States.DataLimitExceeded' });
  });

  test('ends an execution at 25,000 events', async () => {
    const end = await endOf(jsonata({ Again: { Type: 'Pass', Next: 'Again' } }));
    expect(end).toMatchObject({ type: 'ExecutionFailed', error: 'States.Runtime' });
    expect(end.events.at(-1)?.id).toBeGreaterThan(24_990);
    expect(end.events.at(-1)?.id).toBeLessThanOrEqual(25_000);
  });

  test('fails a state whose task has no matching Catch with the failure of the task', async () => {
    const Catch = [{ ErrorEquals: ['Other'], Next: 'Do' }];
    expect(await endOf(jsonata({ Do: { ...TASK, Catch } }), {}, failing('Broken'))).toMatchObject({
      error: 'Broken',
      cause: 'because',
    });
  });

  test('has no choice that matches', async () => {
    const end = await endOf(
      jsonata({
        Choose: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'Choose' }] },
      }),
    );
    expect(end.error).toBe('States.NoChoiceMatched');
  });

  test('runs a Map over nothing to an empty array', async () => {
    const processor = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
    const end = await endOf(
      jsonata({ Each: { Type: 'Map', Items: [], ItemProcessor: processor, End: true } }),
    );
    expect(end.output).toEqual([]);
  });

  test('tolerates as many failed iterations as it is told', async () => {
    const processor = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Bad' } } };
    const each = (count: number) =>
      jsonata({
        Each: {
          Type: 'Map',
          Items: [1, 2],
          ToleratedFailureCount: count,
          ItemProcessor: processor,
          End: true,
        },
      });
    expect(await endOf(each(2))).toMatchObject({ type: 'ExecutionSucceeded' });
    expect(await endOf(each(1))).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  });
});

describe('an ErrorEquals list', () => {
  test.each([
    [['States.ALL'], 'Anything', true],
    [['States.ALL'], 'States.Runtime', false],
    [['States.Runtime'], 'States.Runtime', true],
    [['States.TaskFailed'], 'Lambda.Unknown', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['Other'], 'Lambda.Unknown', false],
  ])('%j against %s: %s', (names, error, expected) => {
    expect(matches(names, { error })).toBe(expected);
  });
});

test('full jitter takes any part of the interval', () => {
  const retrier = { ErrorEquals: [], IntervalSeconds: 4, JitterStrategy: 'FULL' as const };
  expect(backoff(retrier, 1, () => 0.25)).toBe(2000);
});
