import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type RunTaskCommandInput,
} from '@aws-sdk/client-ecs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ecsService } from '#local/services/ecs/ecs.ts';
import { logPath } from '#local/services/logs/append-log.ts';
import {
  deployTask,
  ecsCloud,
  EXECUTION_ROLE,
  imageAssembly,
  NETWORK,
  removeAssembly,
} from '../../../support/ecs-cloud.ts';
import { guardedCloud } from '../../../support/guarded-cloud.ts';

let folder: string;

beforeEach(() => {
  folder = imageAssembly();
});

afterEach(() => removeAssembly(folder));

describe('a task', () => {
  it('runs its command in the folder of its image, with its own environment and no other', async () => {
    const { arnOf, close, cloud, until } = await ecsCloud(folder);
    const arn = await arnOf({}, { CODE: '7', MAILBOX_URL: 'http://x' });
    const stopped = await until('STOPPED', arn);
    expect(stopped).toMatchObject({
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'sandbox', exitCode: 7, lastStatus: 'STOPPED' }],
    });
    const [line = ''] = readFileSync(logPath(cloud, '/aws/ecs/boxes'), 'utf8').split('\n');
    expect(line).toContain(`[sandbox/sandbox/${arn.split('/').at(-1)}] box --box bubblewrap {`);
    const env = JSON.parse(line.slice(line.indexOf('{'))) as Record<string, string>;
    expect(Object.keys(env).sort()).toEqual(
      [
        'AWS_DEFAULT_REGION',
        'AWS_EXECUTION_ENV',
        'AWS_REGION',
        'CODE',
        'MAILBOX_URL',
        'PATH',
      ].sort(),
    );
    await close();
  });

  it('tells the bus of each state in order, with a version that grows', async () => {
    const { arnOf, close, definition, until, events } = await ecsCloud(folder);
    const arn = await arnOf({ startedBy: 'ten_1/run_1' }, { CODE: '0' });
    await until('STOPPED', arn);
    expect(events.map(({ lastStatus, version }) => [lastStatus, version])).toEqual([
      ['PROVISIONING', 1],
      ['PENDING', 2],
      ['RUNNING', 3],
      ['STOPPED', 4],
    ]);
    expect(events[0]).toMatchObject({
      clusterArn: 'arn:aws:ecs:us-east-1:000000000000:cluster/boxes',
      taskDefinitionArn: definition,
      startedBy: 'ten_1/run_1',
      group: 'family:box',
      launchType: 'FARGATE',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await close();
  });

  it('ends within a second when it is stopped, even if it does not want to', async () => {
    const { arnOf, close, ecs, until } = await ecsCloud(folder);
    const polite = await arnOf();
    const stubborn = await arnOf({}, { STUBBORN: '1' });
    await Promise.all([until('RUNNING', polite), until('RUNNING', stubborn)]);
    await sleep(150);
    const begun = performance.now();
    for (const task of [polite, stubborn]) {
      const { task: answer } = await ecs.send(
        new StopTaskCommand({ cluster: 'boxes', task, reason: 'enough' }),
      );
      expect(answer).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED' });
    }
    const ends = await Promise.all([until('STOPPED', polite), until('STOPPED', stubborn)]);
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(ends).toMatchObject([
      { stopCode: 'UserInitiated', stoppedReason: 'enough', containers: [{ exitCode: 143 }] },
      { stopCode: 'UserInitiated', stoppedReason: 'enough', containers: [{ exitCode: 137 }] },
    ]);
    await close();
  });

  it('waits for a place in the order in which it came, and may be stopped while it waits', async () => {
    const { arnOf, close, ecs, until, events } = await ecsCloud(folder, { places: 1 });
    const [first, second, third] = [await arnOf(), await arnOf(), await arnOf({}, { CODE: '0' })];
    await until('RUNNING', first);
    const stop = (task: string) => ecs.send(new StopTaskCommand({ cluster: 'boxes', task }));
    expect((await stop(second)).task).toMatchObject({ lastStatus: 'STOPPED' });
    expect(events.filter(({ taskArn }) => taskArn === third)).toHaveLength(1);
    await stop(first);
    await until('STOPPED', third);
    expect(events.some((event) => event.taskArn === second && event.lastStatus === 'RUNNING')).toBe(
      false,
    );
    await close();
  });

  it('of an earlier generation has stopped, and its process is gone', async () => {
    const path = join(folder, 'state.db');
    const before = await ecsCloud(folder, { path, places: 1 });
    const [running, waiting] = [await before.arnOf(), await before.arnOf()];
    await before.until('RUNNING', running);
    await before.close();
    const after = await ecsCloud(folder, { path });
    expect(after.events).toMatchObject([
      { taskArn: running, lastStatus: 'STOPPED', containers: [{ exitCode: 137 }] },
      { taskArn: waiting, lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' },
    ]);
    expect(after.definition).toBe(before.definition);
    await after.close();
  });
});

describe('RunTask', () => {
  it('answers the same client token with the same task, and another request with a conflict', async () => {
    const { run, close } = await ecsCloud(folder);
    const first = await run({ clientToken: 'lease-1' }, { CODE: '0' });
    const again = await run({ clientToken: 'lease-1' }, { CODE: '0' });
    expect(again.tasks?.[0]?.taskArn).toBe(first.tasks?.[0]?.taskArn);
    await expect(run({ clientToken: 'lease-1' }, { CODE: '1' })).rejects.toMatchObject({
      name: 'ConflictException',
      resourceIds: [first.tasks?.[0]?.taskArn],
    });
    await close();
  });

  it('refuses what Fargate refuses, and names what is not served', async () => {
    const { run, close, definition } = await ecsCloud(folder);
    const refused = async (change: Partial<RunTaskCommandInput>) =>
      run(change).then(
        () => 'accepted',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await refused({ cluster: 'none' })).toBe('ClusterNotFoundException: Cluster not found.');
    expect(await refused({ taskDefinition: 'none' })).toBe(
      'ClientException: TaskDefinition not found.',
    );
    expect(await refused({ networkConfiguration: undefined })).toMatch(
      /Network Configuration must/,
    );
    expect(await refused({ count: 11 })).toMatch(/^InvalidParameterException/);
    expect(await refused({ startedBy: 'a b' })).toMatch(/^InvalidParameterException/);
    expect(await refused({ overrides: { containerOverrides: [{ name: 'x' }] } })).toMatch(
      /Override for container named x is not a container/,
    );
    expect(await refused({ overrides: { taskRoleArn: EXECUTION_ROLE } })).toMatch(
      /NotServed.*taskRoleArn/,
    );
    expect(await refused({ enableExecuteCommand: true })).toMatch(
      /NotServed.*enableExecuteCommand/,
    );
    expect(await refused({ taskDefinition: 'box', count: 1 })).toBe('accepted');
    expect(definition).toMatch(/:task-definition\/box:1$/);
    await close();
  });

  it('needs leave for the task definition on that cluster, and to pass the execution role', async () => {
    const guarded = await guardedCloud((made) => [ecsService(made)]);
    const { cloud } = guarded;
    const definition = await deployTask(cloud, folder);
    const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } as const;
    const attempt = async (name: string, cluster: string, passedTo: string) => {
      const roleArn = guarded.role(
        name,
        trust,
        {
          Effect: 'Allow',
          Action: 'ecs:RunTask',
          Resource: definition,
          Condition: { ArnEquals: { 'ecs:cluster': cloud.arn('ecs', `cluster/${cluster}`) } },
        },
        {
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: EXECUTION_ROLE,
          Condition: { StringEquals: { 'iam:PassedToService': passedTo } },
        },
      );
      const credentials = cloud.issueCredentials({ roleArn, sessionName: 's', seconds: 900 });
      const ecs = new ECSClient(guarded.clientOf(credentials));
      const sent = ecs.send(
        new RunTaskCommand({
          cluster: 'boxes',
          taskDefinition: definition,
          launchType: 'FARGATE',
          networkConfiguration: NETWORK,
        }),
      );
      return sent.then(
        () => 'allowed',
        (error: Error) => error.name,
      );
    };
    expect(await attempt('right', 'boxes', 'ecs-tasks.amazonaws.com')).toBe('allowed');
    expect(await attempt('cluster', 'other', 'ecs-tasks.amazonaws.com')).toMatch(/^AccessDenied/);
    expect(await attempt('pass', 'boxes', 'lambda.amazonaws.com')).toMatch(/^AccessDenied/);
    await guarded.close();
  });
});

describe('the tasks of a cluster', () => {
  it('are described and listed by what they are meant to be', async () => {
    const { arnOf, close, ecs, cloud, until } = await ecsCloud(folder);
    const [running, over] = [await arnOf({ startedBy: 'me' }), await arnOf({}, { CODE: '0' })];
    await Promise.all([until('RUNNING', running), until('STOPPED', over)]);
    const missing = cloud.arn('ecs', 'task/boxes/none');
    const { tasks, failures } = await ecs.send(
      new DescribeTasksCommand({ cluster: 'boxes', tasks: [running, over, missing] }),
    );
    expect(tasks?.map(({ lastStatus }) => lastStatus)).toEqual(['RUNNING', 'STOPPED']);
    expect(tasks?.[0]?.startedAt).toBeInstanceOf(Date);
    expect(failures).toEqual([{ arn: missing, reason: 'MISSING' }]);
    const list = async (query: object) =>
      (await ecs.send(new ListTasksCommand({ cluster: 'boxes', ...query }))).taskArns;
    expect(await list({})).toEqual([running]);
    expect(await list({ startedBy: 'you' })).toEqual([]);
    expect(await list({ desiredStatus: 'STOPPED' })).toEqual([over]);
    await expect(
      ecs.send(new StopTaskCommand({ cluster: 'boxes', task: missing })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await close();
  });
});

describe('a task definition', () => {
  it('gets a new revision only when it has changed, and the old one starts nothing more', async () => {
    const { cloud, close, run, definition } = await ecsCloud(folder);
    expect(await deployTask(cloud, folder)).toBe(definition);
    const changed = await deployTask(cloud, folder, {
      Command: ['node', 'main.cjs', '--box', 'launcher'],
    });
    expect(changed).toMatch(/:box:2$|box:2$/);
    await expect(run()).rejects.toMatchObject({ name: 'ClientException' });
    await close();
  });

  it('is refused by name where it asks for what is not simulated', async () => {
    const { cloud, close } = await ecsCloud(folder);
    await expect(deployTask(cloud, folder, { Command: ['sh', '-c', 'x'] })).rejects.toThrow(
      /not node/,
    );
    await expect(deployTask(cloud, folder, { Secrets: [] })).rejects.toThrow(
      /Secrets is not served/,
    );
    await expect(deployTask(cloud, folder, { Image: 'nginx:latest' })).rejects.toThrow(/no asset/);
    await close();
  });
});
