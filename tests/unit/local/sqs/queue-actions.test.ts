import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { sqsService } from '#local/services/sqs/sqs.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

describe('a queue', () => {
  let bench: Awaited<ReturnType<typeof bareCloud>>;
  let sqs: SQSClient;
  let QueueUrl: string;
  let deadUrl: string;
  let deadArn: string;

  beforeEach(async () => {
    bench = await bareCloud((cloud) => [sqsService(cloud)]);
    sqs = new SQSClient(bench.client);
    const dead = await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Dead');
    deadUrl = dead.ref;
    deadArn = dead.attributes.Arn ?? '';
    const main = await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Main', {
      QueueName: 'main',
      VisibilityTimeout: 30,
      RedrivePolicy: { deadLetterTargetArn: deadArn, maxReceiveCount: 2 },
    });
    QueueUrl = main.ref;
  });

  afterEach(async () => {
    sqs.destroy();
    await bench.close();
  });

  const send = (MessageBody: string, more: object = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (more: object = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];

  it('has a URL at the local endpoint', async () => {
    expect(QueueUrl).toBe(`${bench.cloud.endpoint}/000000000000/main`);
    const found = await sqs.send(new GetQueueUrlCommand({ QueueName: 'main' }));
    expect(found.QueueUrl).toBe(QueueUrl);
  });

  it('gives a message with its digests and attributes, and forgets it when it is deleted', async () => {
    await send('hello', {
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'greeting' },
        raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
      },
      MessageGroupId: 'tenant-a',
    });
    const [message] = await receive({
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    expect(message).toMatchObject({
      Body: 'hello',
      MD5OfBody: '5d41402abc4b2a76b9719d911017c592',
      Attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'tenant-a' },
    });
    expect(message?.MessageAttributes?.raw?.BinaryValue).toEqual(new Uint8Array([1, 2, 3]));
    expect(await receive()).toEqual([]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      MaximumMessageSize: '1048576',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:main',
      SqsManagedSseEnabled: 'true',
    });
  });

  it('computes the attribute digest that AWS computes', async () => {
    const sent = await send('test', {
      MessageAttributes: {
        attr1: {
          DataType: 'Binary',
          BinaryValue: Buffer.from(
            'traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01',
          ),
        },
      },
    });
    expect(sent.MD5OfMessageAttributes).toBe('8cbe4db156db8a94db8b801b7addb984');
  });

  it('wakes a long poll by a message, a delay that ends and a visibility that ends', async () => {
    const first = receive({ WaitTimeSeconds: 5, VisibilityTimeout: 1 });
    await send('now');
    expect((await first)[0]?.Body).toBe('now');
    const again = await receive({ WaitTimeSeconds: 5 });
    expect(again[0]?.Body).toBe('now');
    const started = Date.now();
    await send('later', { DelaySeconds: 1 });
    expect(await receive()).toEqual([]);
    expect((await receive({ WaitTimeSeconds: 5 }))[0]?.Body).toBe('later');
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });

  it('ends a long poll of a caller who hangs up without taking a message', async () => {
    const impatient = new AbortController();
    const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: impatient.signal,
    });
    setTimeout(() => impatient.abort(), 50);
    await expect(poll).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send('still here');
    expect(await receive()).toHaveLength(1);
  });

  it('redrives after maxReceiveCount receives, and a move task brings the message back', async () => {
    const { MessageId } = await send('poison');
    for (const count of ['1', '2']) {
      const [message] = await receive({
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['All'],
      });
      expect(message?.Attributes?.ApproximateReceiveCount).toBe(count);
    }
    expect(await receive()).toEqual([]);
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deadUrl,
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    expect(Messages?.[0]).toMatchObject({
      MessageId,
      Attributes: { DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:main' },
    });
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadUrl }));
    expect(sources.queueUrls).toEqual([QueueUrl]);
    const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
    expect(TaskHandle).toBeTruthy();
    const [moved] = await receive({ WaitTimeSeconds: 2 });
    expect(moved?.Body).toBe('poison');
    expect(moved?.MessageId).not.toBe(MessageId);
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
    expect(Results?.[0]).toMatchObject({
      Status: 'COMPLETED',
      ApproximateNumberOfMessagesMoved: 1,
    });
  });

  it('hands out the group with the fewest messages in flight first', async () => {
    for (let i = 0; i < 8; i += 1) await send(`noisy ${i}`, { MessageGroupId: 'noisy' });
    await send('quiet', { MessageGroupId: 'quiet' });
    await send('alone');
    const bodies = (await receive({ MaxNumberOfMessages: 5 })).map((m) => m.Body);
    expect(bodies).toEqual(['noisy 0', 'quiet', 'alone', 'noisy 1', 'noisy 2']);
    await send('quiet 2', { MessageGroupId: 'quiet' });
    expect((await receive())[0]?.Body).toBe('quiet 2');
  });

  it('deletes nothing by an older receipt, and refuses a made-up one', async () => {
    await send('twice');
    const [old] = await receive({ VisibilityTimeout: 0 });
    const [fresh] = await receive({ VisibilityTimeout: 0 });
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: old?.ReceiptHandle }));
    const { Successful, Failed } = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: fresh?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(Successful).toEqual([{ Id: 'a' }]);
    expect(Failed).toMatchObject([{ Id: 'b', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    expect(await receive()).toEqual([]);
  });

  it('changes visibility only of what is in flight', async () => {
    await send('held');
    const [message] = await receive();
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await change(0);
    await expect(change(10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await receive()).toHaveLength(1);
  });

  it('drops messages that are older than the retention', async () => {
    await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Main', {
      QueueName: 'main',
      MessageRetentionPeriod: 60,
    });
    await send('old');
    bench.cloud.database.run('UPDATE sqs_messages SET sent_at = sent_at - 61000');
    expect(await receive()).toEqual([]);
  });

  it('keeps an attribute that was set while the template stays the same', async () => {
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: deadUrl, Attributes: { VisibilityTimeout: '7' } }),
    );
    await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Dead');
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: '7' });
  });

  it('lists queues by prefix and in pages', async () => {
    const page = await sqs.send(new ListQueuesCommand({ MaxResults: 1 }));
    const rest = await sqs.send(
      new ListQueuesCommand({ MaxResults: 1, NextToken: page.NextToken }),
    );
    expect([...(page.QueueUrls ?? []), ...(rest.QueueUrls ?? [])]).toEqual([QueueUrl, deadUrl]);
    const some = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'ma' }));
    expect(some.QueueUrls).toEqual([QueueUrl]);
  });

  it('purges once a minute', async () => {
    await send('gone');
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive()).toEqual([]);
    await expect(sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'PurgeQueueInProgress',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it.each([
    [
      'an unknown queue',
      { QueueUrl: 'http://x/000000000000/none', MessageBody: 'a' },
      'QueueDoesNotExist',
    ],
    ['an empty body', { MessageBody: '' }, 'MissingParameter'],
    ['a body over 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['a control character', { MessageBody: '\u0001' }, 'InvalidMessageContents'],
    ['a delay over 15 minutes', { MessageBody: 'a', DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['a bad group', { MessageBody: 'a', MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    [
      'a deduplication id',
      { MessageBody: 'a', MessageDeduplicationId: 'a' },
      'InvalidParameterValue',
    ],
    [
      'an empty attribute',
      { MessageBody: 'a', MessageAttributes: { x: { DataType: 'String', StringValue: '' } } },
      'InvalidParameterValue',
    ],
  ])('refuses %s as SQS does', async (_what, input, name) => {
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, ...input }))).rejects.toMatchObject({
      name,
    });
  });

  it('refuses batches as a whole and entries alone', async () => {
    const batch = (Entries: { Id: string; MessageBody: string; DelaySeconds?: number }[]) =>
      sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(batch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(
      batch(Array.from({ length: 11 }, (_, i) => ({ Id: `${i}`, MessageBody: 'a' }))),
    ).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    await expect(
      batch([
        { Id: 'a', MessageBody: 'a' },
        { Id: 'a', MessageBody: 'b' },
      ]),
    ).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(
      batch([
        { Id: 'a', MessageBody: 'x'.repeat(1_048_576) },
        { Id: 'b', MessageBody: 'y' },
      ]),
    ).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
    const { Successful, Failed } = await batch([
      { Id: 'good', MessageBody: 'a' },
      { Id: 'bad', MessageBody: 'a', DelaySeconds: 1000 },
    ]);
    expect(Successful).toMatchObject([{ Id: 'good' }]);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue' }]);
  });

  it('refuses FIFO queues and a dead-letter target that does not exist', async () => {
    await expect(
      makeResource(bench.cloud, 'AWS::SQS::Queue', 'Fifo', { FifoQueue: true }),
    ).rejects.toThrow('FIFO');
    await expect(
      makeResource(bench.cloud, 'AWS::SQS::Queue', 'Lost', {
        RedrivePolicy: {
          deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:none',
          maxReceiveCount: 3,
        },
      }),
    ).rejects.toThrow('does not exist');
  });
});
