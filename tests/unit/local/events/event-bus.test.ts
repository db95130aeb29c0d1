import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { FaultSettings } from '#local/kernel/faults.ts';
import type { Action, Principal, Service } from '#local/kernel/service.ts';
import { eventsService } from '#local/services/events/events.ts';
import { sqsService } from '#local/services/sqs/sqs.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

interface Seen {
  readonly input: Record<string, string>;
  readonly principal: Principal;
}

/** A service that notes calls of one action, and fails first as often as it is told. */
function recorder(name: string, action: string) {
  const seen: Seen[] = [];
  const failures: AwsError[] = [];
  const record: Action<Record<string, string>> = {
    authorize: () => [],
    run(input, { principal }) {
      const failure = failures.shift();
      if (failure) throw failure;
      seen.push({ input, principal });
      return {};
    },
  };
  const service: Service = { name, actions: { [action]: record } };
  return { seen, failures, service };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('waited in vain');
}

describe('an event bus', () => {
  let folder: string;
  let lambda: ReturnType<typeof recorder>;
  let states: ReturnType<typeof recorder>;
  let bench: Awaited<ReturnType<typeof bareCloud>>;
  let client: EventBridgeClient;

  const open = async (faults: FaultSettings = {}) => {
    bench = await bareCloud(
      (cloud) => [sqsService(cloud), eventsService(cloud), lambda.service, states.service],
      { path: join(folder, 'state.sqlite'), faults },
    );
    client = new EventBridgeClient(bench.client);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mirai-events-'));
    lambda = recorder('lambda', 'Invoke');
    states = recorder('states', 'StartExecution');
    await open();
  });
  afterEach(async () => {
    client.destroy();
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:finish';
  const rule = (name: string, targets: object[], more: object = {}) =>
    makeResource(bench.cloud, 'AWS::Events::Rule', name, {
      Name: name,
      EventPattern: { source: ['shop'] },
      Targets: targets,
      ...more,
    });
  const put = (Detail: object, more: object = {}) =>
    client.send(
      new PutEventsCommand({
        Entries: [{ Source: 'shop', DetailType: 'Sold', Detail: JSON.stringify(Detail), ...more }],
      }),
    );
  const receive = async (QueueUrl: string) => {
    const { Messages = [] } = await bench.cloud.call<{
      Messages?: { Body: string; MessageAttributes?: Record<string, { StringValue: string }> }[];
    }>({
      service: 'sqs',
      action: 'ReceiveMessage',
      input: { QueueUrl, WaitTimeSeconds: 2, MessageAttributeNames: ['All'] },
      principal: { kind: 'root' },
    });
    return Messages;
  };
  const pending = () =>
    bench.cloud.database.get<{ n: number }>('SELECT COUNT(*) AS n FROM events_deliveries')?.n;

  it('hands a matching event to functions, queues and state machines', async () => {
    const queue = await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Inbox');
    const { attributes } = await rule('all', [
      { Id: 'f', Arn: FUNCTION },
      { Id: 'q', Arn: queue.attributes.Arn, InputPath: '$.detail.item' },
      {
        Id: 's',
        Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:run',
        RoleArn: 'arn:aws:iam::000000000000:role/starter',
        InputTransformer: {
          InputPathsMap: { item: '$.detail.item', kind: '$.detail-type' },
          InputTemplate:
            '{"item": <item>, "note": "a <kind> of <item>", "rule": <aws.events.rule-name>}',
        },
      },
    ]);
    const { Entries } = await put({ item: { id: 7 } }, { Time: new Date('2026-01-02T03:04:05Z') });
    expect((await receive(queue.ref)).map((m) => m.Body)).toEqual(['{"id":7}']);
    await until(() => lambda.seen.length === 1 && states.seen.length === 1);
    expect(JSON.parse(lambda.seen[0]?.input.Payload ?? '')).toEqual({
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'Sold',
      source: 'shop',
      account: '000000000000',
      time: '2026-01-02T03:04:05Z',
      region: 'us-east-1',
      resources: [],
      detail: { item: { id: 7 } },
    });
    expect(lambda.seen[0]).toMatchObject({
      input: { FunctionName: FUNCTION, InvocationType: 'Event' },
      principal: { kind: 'service', service: 'events.amazonaws.com', sourceArn: attributes.Arn },
    });
    expect(JSON.parse(states.seen[0]?.input.input ?? '')).toEqual({
      item: { id: 7 },
      note: 'a Sold of {"id":7}',
      rule: 'all',
    });
    expect(states.seen[0]?.principal).toMatchObject({
      roleArn: 'arn:aws:iam::000000000000:role/starter',
    });
    await until(() => pending() === 0);
  });

  it('keeps custom buses, disabled rules and other sources apart', async () => {
    const bus = await makeResource(bench.cloud, 'AWS::Events::EventBus', 'Bus', { Name: 'orders' });
    const { ref } = await rule('own', [{ Id: 'f', Arn: FUNCTION }], { EventBusName: bus.ref });
    expect(ref).toBe('orders|own');
    await rule('off', [{ Id: 'f', Arn: FUNCTION }], { State: 'DISABLED' });
    await put({ on: 'default' });
    await put({ on: 'none' }, { EventBusName: 'nowhere' });
    await put({ on: 'own' }, { EventBusName: bus.attributes.Arn, Source: 'bank' });
    await put({ on: 'own' }, { EventBusName: 'orders' });
    await until(() => lambda.seen.length === 1);
    expect(pending()).toBe(0);
  });

  it('joins the transaction of the service that publishes', async () => {
    await rule('own', [{ Id: 'f', Arn: FUNCTION }]);
    const publish = () =>
      bench.cloud.publishEvent({ source: 'shop', detailType: 'x', resources: ['r'], detail: {} });
    expect(() =>
      bench.cloud.database.transaction(() => {
        publish();
        throw new Error('changed my mind');
      }),
    ).toThrow('changed my mind');
    expect(pending()).toBe(0);
    publish();
    expect(pending()).toBe(1);
    await until(() => lambda.seen.length === 1);
  });

  it('tries again after a passing failure, and after a restart', async () => {
    const failure = new AwsError('ServiceException', 'down', 500);
    lambda.failures.push(failure, failure);
    await rule('own', [{ Id: 'f', Arn: FUNCTION }]);
    await put({ n: 1 });
    await until(() => lambda.failures.length === 1);
    await until(() => pending() === 1);
    client.destroy();
    await bench.close();
    lambda.failures.length = 0;
    await open();
    await until(() => lambda.seen.length === 1);
    await until(() => pending() === 0);
  });

  it('sends what a target refuses to the dead-letter queue, or says that it is lost', async () => {
    const dead = await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Dead');
    lambda.failures.push(new AwsError('AccessDeniedException', 'not yours', 403));
    await rule('own', [{ Id: 'f', Arn: FUNCTION, DeadLetterConfig: { Arn: dead.attributes.Arn } }]);
    await put({ n: 1 });
    const [message] = await receive(dead.ref);
    expect(message?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'AccessDeniedException' },
      TARGET_ARN: { StringValue: FUNCTION },
    });
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ detail: { n: 1 } });

    const complaint = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    lambda.failures.push(new AwsError('ServiceException', 'down', 500));
    await rule('own', [{ Id: 'f', Arn: FUNCTION, RetryPolicy: { MaximumRetryAttempts: 0 } }]);
    await put({ n: 2 });
    await until(() => complaint.mock.calls.length > 0);
    expect(complaint.mock.calls[0]?.[0]).toContain('event lost');
    complaint.mockRestore();
  });

  it('delivers twice when the faults say so', async () => {
    client.destroy();
    await bench.close();
    await open({ duplicate: 1 });
    await rule('own', [{ Id: 'f', Arn: FUNCTION }]);
    await put({ n: 1 });
    await until(() => lambda.seen.length === 2);
    expect(lambda.seen[0]?.input.Payload).toBe(lambda.seen[1]?.input.Payload);
  });

  it('answers for each entry what was wrong with it', async () => {
    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [
          { Source: 'shop', DetailType: 'x', Detail: '{}' },
          { Source: 'shop', DetailType: 'x', Detail: '{' },
          { Source: 'shop', Detail: '{}' },
          { Source: 'aws.shop', DetailType: 'x', Detail: '{}' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(3);
    expect(Entries?.map((entry) => entry.ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
    ]);
    await expect(put({ text: 'x'.repeat(1_048_576) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('fires a schedule once for all that was missed, and keeps its next time', async () => {
    const { attributes } = await makeResource(bench.cloud, 'AWS::Events::Rule', 'Sweep', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Id: 'f', Arn: FUNCTION }],
    });
    bench.cloud.database.run(
      'UPDATE events_schedules SET next_at = next_at - 600000, anchor = anchor - 600000',
    );
    client.destroy();
    await bench.close();
    await open();
    await until(() => lambda.seen.length === 1);
    expect(JSON.parse(lambda.seen[0]?.input.Payload ?? '')).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [attributes.Arn],
      detail: {},
    });
    const next = () =>
      bench.cloud.database.get<{ next_at: number }>('SELECT next_at FROM events_schedules')
        ?.next_at ?? 0;
    const before = next();
    expect(before).toBeGreaterThan(Date.now());
    expect(before).toBeLessThanOrEqual(Date.now() + 60_000);
    await makeResource(bench.cloud, 'AWS::Events::Rule', 'Sweep', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Id: 'f', Arn: FUNCTION }],
    });
    expect(next()).toBe(before);
    expect(lambda.seen).toHaveLength(1);
  });

  it('describes its rules and tests patterns', async () => {
    await rule('own', [{ Id: 'f', Arn: FUNCTION }]);
    const { Rules } = await client.send(new ListRulesCommand({ NamePrefix: 'o' }));
    expect(Rules).toMatchObject([{ Name: 'own', State: 'ENABLED', EventBusName: 'default' }]);
    const described = await client.send(new DescribeRuleCommand({ Name: 'own' }));
    expect(described.EventPattern).toBe('{"source":["shop"]}');
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: 'own' }));
    expect(Targets).toMatchObject([{ Id: 'f', Arn: FUNCTION }]);
    await expect(client.send(new DescribeRuleCommand({ Name: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const Event = JSON.stringify({
      id: '1',
      account: '1',
      source: 'shop',
      time: 't',
      region: 'r',
      'detail-type': 'd',
    });
    const test = (EventPattern: string) =>
      client.send(new TestEventPatternCommand({ EventPattern, Event }));
    expect((await test('{"source":["shop"]}')).Result).toBe(true);
    await expect(test('{"source":"shop"}')).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
    });
  });
});
