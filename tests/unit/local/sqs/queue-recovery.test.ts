import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FaultSettings } from '#local/kernel/faults.ts';
import type { Principal } from '#local/kernel/service.ts';
import { sqsService } from '#local/services/sqs/sqs.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

interface Received {
  readonly Messages?: readonly { MessageId: string; Body: string; ReceiptHandle: string }[];
}

describe('a queue after a restart', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mirai-sqs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function generation(faults: FaultSettings = {}) {
    const bench = await bareCloud((cloud) => [sqsService(cloud)], {
      path: join(folder, 'state.sqlite'),
      faults,
    });
    const { ref: QueueUrl } = await makeResource(bench.cloud, 'AWS::SQS::Queue', 'Main');
    const call = <Output>(action: string, input: object, principal: Principal = { kind: 'root' }) =>
      bench.cloud.call<Output>({
        service: 'sqs',
        action,
        input: { QueueUrl, ...input },
        principal,
      });
    return { ...bench, call };
  }

  it('keeps its messages, and lets go only what our own pollers held', async () => {
    const before = await generation();
    const poller: Principal = {
      kind: 'role',
      roleArn: 'arn:aws:iam::000000000000:role/start-run',
      sessionName: 'event-source-mapping',
      tags: {},
    };
    await before.call('SendMessage', { MessageBody: 'polled' });
    await before.call('ReceiveMessage', {}, poller);
    await before.call('SendMessage', { MessageBody: 'held by a person' });
    await before.call('ReceiveMessage', {});
    await before.call('SendMessage', { MessageBody: 'delayed', DelaySeconds: 1 });
    await before.close();
    await new Promise((resolve) => setTimeout(resolve, 5));

    const after = await generation();
    const first = await after.call<Received>('ReceiveMessage', { MaxNumberOfMessages: 10 }, poller);
    expect(first.Messages?.map((m) => m.Body)).toEqual(['polled']);
    const second = await after.call<Received>('ReceiveMessage', { WaitTimeSeconds: 3 });
    expect(second.Messages?.map((m) => m.Body)).toEqual(['delayed']);
    await after.close();
  });

  it('delivers twice and late when the faults say so', async () => {
    const bench = await generation({ duplicate: 1, late: 1, lateMs: 60 });
    await bench.call('SendMessage', { MessageBody: 'once' });
    const bodies: string[] = [];
    while (bodies.length < 2) {
      const { Messages = [] } = await bench.call<Received>('ReceiveMessage', {
        WaitTimeSeconds: 2,
      });
      expect(Messages).toHaveLength(1);
      bodies.push(Messages[0]?.MessageId ?? '');
      await bench.call('DeleteMessage', { ReceiptHandle: Messages[0]?.ReceiptHandle });
    }
    expect(bodies[0]).toBe(bodies[1]);
    await bench.close();
  });

  it('ends long polls when the cloud stops', async () => {
    const bench = await generation();
    const poll = bench.call<Received>('ReceiveMessage', { WaitTimeSeconds: 20 });
    await bench.close();
    expect(await poll).toEqual({});
  });
});
