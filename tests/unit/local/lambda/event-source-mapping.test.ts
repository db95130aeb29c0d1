import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedMessages } from '#local/services/lambda/event-source/failed-messages.ts';
import { sqsEvents } from '#local/services/lambda/event-source/sqs-record.ts';
import { sqsService } from '#local/services/sqs/sqs.ts';
import { functionFolder, functionProperties, type Put } from './function-cloud.ts';

let folder: ReturnType<typeof functionFolder>;
beforeEach(() => {
  folder = functionFolder();
});
afterEach(() => folder.clear());

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:tasks';

/** Notes each event in a file; what follows decides the answer. */
const noting = (then: string) => `
  const { appendFileSync } = require('node:fs');
  exports.handler = async (event, context) => {
    appendFileSync(process.env.NOTES, JSON.stringify({ event, arn: context.invokedFunctionArn }) + '\\n');
    ${then}
  };`;

const notesPath = () => join(folder.root, 'notes.jsonl');

interface Note {
  readonly arn: string;
  readonly event: { readonly Records: readonly Record<string, unknown>[] };
}

const notes = (): Note[] =>
  existsSync(notesPath())
    ? readFileSync(notesPath(), 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Note)
    : [];

const bodies = () => notes().flatMap(({ event }) => event.Records.map(({ body }) => body));

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 20) {
    if (waited > 4000) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A queue, a function with an alias, and the mapping between them. */
async function withMapping(
  code: string,
  options: {
    mapping?: Record<string, unknown>;
    queue?: Record<string, unknown>;
    faults?: { duplicate: number };
  } = {},
) {
  appendFileSync(notesPath(), '');
  const asset = folder.asset({ 'index.js': code });
  const template = async (put: Put) => {
    await put('AWS::SQS::Queue', 'Tasks', { QueueName: 'tasks', ...options.queue });
    await put(
      'AWS::Lambda::Function',
      'Worker',
      functionProperties({ Timeout: 1, Environment: { Variables: { NOTES: notesPath() } } }),
      asset,
    );
    await put('AWS::Lambda::Version', 'V1', { FunctionName: 'stack-Worker' });
    await put('AWS::Lambda::Alias', 'Live', {
      FunctionName: 'stack-Worker',
      FunctionVersion: '1',
      Name: 'live',
    });
    return put('AWS::Lambda::EventSourceMapping', 'Mapping', {
      EventSourceArn: QUEUE_ARN,
      FunctionName: 'stack-Worker:live',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...options.mapping,
    });
  };
  const start = async () => {
    let uuid = '';
    const running = await folder.cloud({
      more: (cloud) => [sqsService(cloud)],
      template: async (put) => {
        uuid = (await template(put)).ref;
      },
      ...(options.faults && { faults: options.faults }),
    });
    const sqs = new SQSClient(running.client);
    const QueueUrl = `${running.cloud.endpoint}/000000000000/tasks`;
    return {
      ...running,
      uuid,
      lambdaClient: new LambdaClient(running.client),
      send: (...texts: string[]) =>
        sqs.send(
          new SendMessageBatchCommand({
            QueueUrl,
            Entries: texts.map((MessageBody, i) => ({ Id: `m${i}`, MessageBody })),
          }),
        ),
      sendOne: (input: object) =>
        sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '', ...input })),
      /** Messages that are waiting or in someone's hands. */
      async left() {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        return (
          Number(Attributes.ApproximateNumberOfMessages) +
          Number(Attributes.ApproximateNumberOfMessagesNotVisible)
        );
      },
    };
  };
  return { ...(await start()), start };
}

describe('an event source mapping', () => {
  test('gives messages to the alias that it names and deletes what was handled', async () => {
    const cloud = await withMapping(noting('return { batchItemFailures: [] };'));
    await cloud.sendOne({
      MessageBody: 'one',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'task' } },
    });
    await until(async () => (await cloud.left()) === 0);
    const [note] = notes();
    expect(note?.arn).toBe('arn:aws:lambda:us-east-1:000000000000:function:stack-Worker:live');
    expect(note?.event.Records).toEqual([
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'one',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: '000000000000',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {
          kind: {
            stringValue: 'task',
            stringListValues: [],
            binaryListValues: [],
            dataType: 'String',
          },
        },
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        md5OfBody: 'f97c5d29941bfb1b2fdab0874906ab82',
        eventSource: 'aws:sqs',
        eventSourceARN: QUEUE_ARN,
        awsRegion: 'us-east-1',
      },
    ]);
    const found = await cloud.lambdaClient.send(
      new GetEventSourceMappingCommand({ UUID: cloud.uuid }),
    );
    expect(found).toMatchObject({ State: 'Enabled', BatchSize: 10, LastProcessingResult: 'OK' });
    cloud.lambdaClient.destroy();
  });

  test('leaves what the function reports as failed until its visibility timeout ends', async () => {
    const failing = `
      const bad = event.Records.filter((r) =>
        r.body === 'bad' && r.attributes.ApproximateReceiveCount === '1');
      return { batchItemFailures: bad.map((r) => ({ itemIdentifier: r.messageId })) };`;
    const cloud = await withMapping(noting(failing), {
      queue: { VisibilityTimeout: 1 },
    });
    await cloud.send('good', 'bad');
    await until(() => bodies().length >= 2);
    await until(async () => (await cloud.left()) === 1);
    await until(async () => (await cloud.left()) === 0);
    expect(bodies().sort()).toEqual(['bad', 'bad', 'good']);
  });

  test('keeps the messages of a batch whose function fails', async () => {
    const cloud = await withMapping(noting(`throw new Error('no');`));
    await cloud.send('a', 'b');
    await until(() => bodies().length >= 2);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await cloud.left()).toBe(2);
    const { LastProcessingResult } = await cloud.lambdaClient.send(
      new GetEventSourceMappingCommand({ UUID: cloud.uuid }),
    );
    expect(LastProcessingResult).toBe('PROBLEM: Function call failed');
    cloud.lambdaClient.destroy();
  });

  test('works on several batches at once, within its maximum concurrency', async () => {
    const slow = `
      const at = Date.now();
      await new Promise((r) => setTimeout(r, 200));
      appendFileSync(process.env.NOTES + '.spans', at + ' ' + Date.now() + '\\n');`;
    const cloud = await withMapping(noting(slow), {
      mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    });
    await cloud.send('1', '2', '3', '4');
    await until(async () => (await cloud.left()) === 0);
    const spans = readFileSync(`${notesPath()}.spans`, 'utf8').trim().split('\n');
    const times = spans.map((line) => line.split(' ').map(Number) as [number, number]);
    const most = times.map(([at]) => times.filter(([from, to]) => from <= at && at < to).length);
    expect(Math.max(...most)).toBe(2);
  });

  test('waits for more messages within the batching window', async () => {
    const cloud = await withMapping(noting(''), {
      mapping: { MaximumBatchingWindowInSeconds: 1, BatchSize: 3 },
    });
    await cloud.send('a');
    await cloud.send('b');
    await cloud.send('c');
    await until(async () => (await cloud.left()) === 0);
    expect(notes()).toHaveLength(1);
  });

  test('takes up messages after a restart that were with the function when it stopped', async () => {
    const cloud = await withMapping(
      noting(`if (event.Records[0].attributes.ApproximateReceiveCount === '1')
        await new Promise((r) => setTimeout(r, 60_000));`),
    );
    await cloud.send('held');
    await until(() => bodies().length === 1);
    await cloud.close();
    const again = await cloud.start();
    expect(again.uuid).toBe(cloud.uuid);
    await until(async () => (await again.left()) === 0);
    expect(bodies()).toEqual(['held', 'held']);
  });

  test('does nothing while it is disabled', async () => {
    const cloud = await withMapping(noting(''), { mapping: { Enabled: false } });
    await cloud.send('a');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await cloud.left()).toBe(1);
    await cloud.put('AWS::Lambda::EventSourceMapping', 'Mapping', {
      EventSourceArn: QUEUE_ARN,
      FunctionName: 'stack-Worker:live',
    });
    await until(async () => (await cloud.left()) === 0);
  });

  test.each([
    [{ BatchSize: 11 }, /Maximum batch window in seconds must be greater than 0/],
    [{ ScalingConfig: { MaximumConcurrency: 1 } }, /MaximumConcurrency must be/],
    [{ FilterCriteria: {} }, /the property FilterCriteria is not served/],
    [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream\/s' }, /not standard SQS/],
  ])('refuses %j', async (mapping, message) => {
    const cloud = await withMapping(noting(''));
    const put = cloud.put('AWS::Lambda::EventSourceMapping', 'Other', {
      EventSourceArn: QUEUE_ARN,
      FunctionName: 'stack-Worker:live',
      ...mapping,
    });
    await expect(put).rejects.toThrow(message);
  });

  test('refuses a queue whose messages come back before the function may end', async () => {
    const cloud = await withMapping(noting(''));
    await cloud.put('AWS::SQS::Queue', 'Hasty', { QueueName: 'hasty', VisibilityTimeout: 0 });
    const put = cloud.put('AWS::Lambda::EventSourceMapping', 'Other', {
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:hasty',
      FunctionName: 'stack-Worker:live',
    });
    await expect(put).rejects.toThrow(
      'Queue visibility timeout: 0 seconds is less than Function timeout: 1 seconds',
    );
  });
});

describe('what a function reports', () => {
  test.each([
    ['null', []],
    ['{}', []],
    ['""', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"a"}]}', ['a']],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', ['a', 'b']],
    ['{"batchItemFailures":[{"id":"a"}]}', ['a', 'b']],
    ['{"batchItemFailures":[{"itemIdentifier":"stranger"}]}', ['a', 'b']],
    ['not json', ['a', 'b']],
  ])('%s fails %j of the batch', (answer, failed) => {
    expect([...failedMessages(answer, ['a', 'b'])]).toEqual(failed);
  });

  test('messages that exceed 6 MB together go in several events', () => {
    const messages = Array.from({ length: 10 }, (_, i) => ({
      MessageId: String(i),
      ReceiptHandle: 'handle',
      MD5OfBody: 'md5',
      Body: 'x'.repeat(1_000_000),
    }));
    const events = sqsEvents(messages, QUEUE_ARN);
    expect(events.map((event) => event.messages.length)).toEqual([6, 4]);
    for (const { payload } of events) expect(payload.length).toBeLessThanOrEqual(6_291_456);
  });
});
