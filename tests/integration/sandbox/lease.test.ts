import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DescribeTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { leaseCloud } from '../../support/lease-cloud.ts';
import { describeIsolated } from '../../support/sandbox.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describeIsolated('a lease', () => {
  let lease: Awaited<ReturnType<typeof leaseCloud>>;

  beforeEach(async () => {
    lease = await leaseCloud();
  });

  afterEach(() => lease.close());

  const taskOf = async (arn: string) => {
    const { tasks } = await lease.ecs.send(
      new DescribeTasksCommand({ cluster: 'boxes', tasks: [arn] }),
    );
    return tasks?.[0];
  };
  const stopped = async (arn: string) => {
    for (let wait = 0; wait < 500; wait += 1) {
      const task = await taskOf(arn);
      if (task?.lastStatus === 'STOPPED') return task;
      await sleep(20);
    }
    throw new Error('the task did not stop');
  };

  it('carries out one job after the other, and leaves when it is told to', async () => {
    await lease.put('data', 'a,b\n1,2\n');
    await lease.post(1, {
      code: 'import sys; print(open("in/data.csv").read(), sys.argv[1]); open("out/sum.txt", "w").write("3")',
      args: ['two'],
      files: [
        { path: 'in/data.csv', url: await lease.signed('data'), sha256: sha256('a,b\n1,2\n') },
      ],
    });
    const arn = await lease.lease();
    const first = await lease.result(1);
    expect(first).toMatchObject({
      status: 'exited',
      exit_code: 0,
      stdout: 'a,b\n1,2\n two\n',
      artifacts: [{ path: 'sum.txt', size: 1, sha256: sha256('3'), key: 'out/1/artifact/0' }],
      error: null,
    });
    expect((await lease.read('out/1/artifact/0')).toString()).toBe('3');
    expect(JSON.parse((await lease.read('out/1/claim.json')).toString())).toMatchObject({
      job_id: 'job_1',
      stated_by: 'runner',
    });
    await lease.post(2, { language: 'bash', code: 'ls in out /workspace; exit 4' });
    expect(await lease.result(2)).toMatchObject({
      exit_code: 4,
      stdout: expect.not.stringContaining('data'),
    });
    await lease.leave(3);
    expect(await stopped(arn)).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 0 }],
    });
  });

  it('leaves when no job comes for as long as the last one said', async () => {
    await lease.post(1, { leave_after_seconds: 1 });
    const arn = await lease.lease();
    await lease.result(1);
    expect(await stopped(arn)).toMatchObject({ containers: [{ exitCode: 0 }] });
  });

  it('says of a file that is not what was promised that the job failed to start', async () => {
    await lease.put('data', 'changed');
    await lease.post(1, {
      files: [{ path: 'a', url: await lease.signed('data'), sha256: sha256('as it was') }],
    });
    await lease.lease();
    expect(await lease.result(1)).toMatchObject({
      status: 'failed_to_start',
      exit_code: null,
      error: { code: 'sandbox.failed_to_start', reason: 'the file a is not what its digest says' },
    });
  });

  it('ends a job as cancelled when its cancel object appears', async () => {
    await lease.post(1, {
      code: 'print("begun"); import time; time.sleep(30)',
      cancel_url: await lease.signed('cancel'),
    });
    await lease.lease();
    await lease.until('out/1/claim.json');
    await lease.put('cancel', 'yes');
    expect(await lease.result(1)).toMatchObject({ status: 'cancelled', stdout: 'begun\n' });
  });

  it('names an artifact that its policy does not let through', async () => {
    await lease.post(1, {
      code: 'open("out/big", "wb").write(bytes(5 << 20)); open("out/small", "w").write("s")',
    });
    await lease.lease();
    expect(await lease.result(1)).toMatchObject({
      artifacts: [{ path: 'small' }],
      skipped: [{ path: 'big', reason: 'is larger than one object may be' }],
    });
  });

  it('dies with its job when the task is stopped', async () => {
    await lease.post(1, { code: 'import time; time.sleep(30)' });
    const arn = await lease.lease();
    await lease.until('out/1/claim.json');
    await sleep(200);
    const begun = performance.now();
    await lease.ecs.send(new StopTaskCommand({ cluster: 'boxes', task: arn }));
    expect(await stopped(arn)).toMatchObject({ stopCode: 'UserInitiated' });
    expect(performance.now() - begun).toBeLessThan(2000);
    await expect(lease.read('out/1/result.json')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});
