import { afterEach, expect, it, jest } from '@jest/globals';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ServiceEvent } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { s3Service } from '#local/services/s3/s3.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeBucket } from '#tests/support/s3-buckets.ts';

let close: () => Promise<void> = async () => undefined;
afterEach(() => close());

/** A queue service that keeps what it is sent and fails the first `failures` times. */
function recordingQueue(failures = 0) {
  const sent: { QueueUrl: string; MessageBody: string }[] = [];
  let left = failures;
  let heard: () => void = () => undefined;
  const service: Service = {
    name: 'sqs',
    actions: {
      SendMessage: {
        authorize: () => [],
        run(input: { QueueUrl: string; MessageBody: string }) {
          if (left-- > 0) throw new Error('not now');
          sent.push(input);
          heard();
          return {};
        },
      },
    },
  };
  return { service, sent, next: () => new Promise<void>((resolve) => (heard = resolve)) };
}

it('tells EventBridge of objects made and deleted', async () => {
  const bare = await bareCloud((c) => [s3Service(c)]);
  close = () => bare.close();
  const events: ServiceEvent[] = [];
  bare.cloud.publishEvent = (event) => events.push(event);
  await makeBucket(bare.cloud, {
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  });
  const client = new S3Client(bare.client);
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'a b', Body: 'xyz' }));
  await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a b' }));
  expect(events).toEqual([
    {
      source: 'aws.s3',
      detailType: 'Object Created',
      resources: ['arn:aws:s3:::files'],
      detail: {
        version: '0',
        bucket: { name: 'files' },
        object: {
          key: 'a b',
          size: 3,
          etag: 'd16fb36f0911f878998c136191af705e',
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
        'request-id': expect.any(String),
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    },
    expect.objectContaining({
      detailType: 'Object Deleted',
      detail: expect.objectContaining({
        reason: 'DeleteObject',
        'deletion-type': 'Permanently Deleted',
      }),
    }),
  ]);
});

it('notifies a queue of matching keys only, and again after a failure', async () => {
  const complaint = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const queue = recordingQueue(1);
  const bare = await bareCloud((c) => [s3Service(c), queue.service]);
  close = () => bare.close();
  await makeBucket(bare.cloud, {
    NotificationConfiguration: {
      QueueConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Queue: 'arn:aws:sqs:us-east-1:000000000000:inbox',
          Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
        },
      ],
    },
  });
  const client = new S3Client(bare.client);
  const arrived = queue.next();
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'out/x', Body: 'x' }));
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'in/é x', Body: 'x' }));
  await arrived;
  expect(complaint).toHaveBeenCalledTimes(1);
  complaint.mockRestore();
  expect(queue.sent).toHaveLength(1);
  expect(queue.sent[0]?.QueueUrl).toMatch(/\/000000000000\/inbox$/);
  expect(JSON.parse(queue.sent[0]?.MessageBody ?? '')).toMatchObject({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        s3: {
          bucket: { name: 'files', arn: 'arn:aws:s3:::files' },
          object: { key: 'in/%C3%A9+x', size: 1 },
        },
      },
    ],
  });
});
