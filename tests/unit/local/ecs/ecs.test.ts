import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type RunTaskCommandInput,
} from '@aws-sdk/client-ecs';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, ServiceEvent } from '#local/kernel/cloud.ts';
import { ecsService } from '#local/services/ecs/ecs.ts';
import { logPath } from '#local/services/logs/append-log.ts';
import { bareCloud } from '../../../support/bare-cloud.ts';
import { guardedCloud } from '../../../support/guarded-cloud.ts';

/** Ends with the code in CODE, or stays until its stdin closes or SIGTERM comes. */
const PROGRAM = `
console.log('box', process.argv.slice(2).join(' '), JSON.stringify(process.env));
if (process.env.CODE) process.exit(Number(process.env.CODE));
process.stdin.resume().on('close', () => process.exit(9));
process.on('SIGTERM', () => process.env.STUBBORN || process.exit(143));
setInterval(() => {}, 1000);
`;
const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/assets:abc123';
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } };
const ROLE = 'arn:aws:iam::000000000000:role/execution';

let folder: string;
let events: { lastStatus: string; taskArn: string; [name: string]: unknown }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecs-test-'));
  mkdirSync(join(folder, 'asset.abc123'));
  writeFileSync(join(folder, 'asset.abc123', 'main.cjs'), PROGRAM);
  const dockerImages = { abc123: { source: { directory: 'asset.abc123' } } };
  writeFileSync(join(folder, 'stack.assets.json'), JSON.stringify({ dockerImages }));
  events = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function deploy(cloud: Cloud, container: Record<string, unknown> = {}): Promise<string> {
  const make = async (type: string, properties: Record<string, unknown>) => {
    const provider = cloud.providers().get(type);
    const result = await provider?.upsert(
      {
        logicalId: 'It',
        type,
        properties,
        defaultName: 'it',
        assemblyFolder: folder,
        assetPath: (key) => key,
      },
      cloud,
    );
    return result?.ref ?? '';
  };
  await make('AWS::ECS::Cluster', { ClusterName: 'boxes' });
  return make('AWS::ECS::TaskDefinition', {
    Family: 'box',
    RequiresCompatibilities: ['FARGATE'],
    NetworkMode: 'awsvpc',
    Cpu: '256',
    Memory: '512',
    ExecutionRoleArn: ROLE,
    ContainerDefinitions: [
      {
        Name: 'sandbox',
        Image: IMAGE,
        Command: ['node', 'main.cjs', '--box', 'bubblewrap'],
        ReadonlyRootFilesystem: true,
        LogConfiguration: {
          LogDriver: 'awslogs',
          Options: { 'awslogs-group': '/aws/ecs/boxes', 'awslogs-stream-prefix': 'sandbox' },
        },
        ...container,
      },
    ],
  });
}

async function open(options: { places?: number; path?: string } = {}) {
  const opened = await bareCloud(
    (cloud) => {
      cloud.publishEvent = ({ detail, source, detailType }: ServiceEvent) => {
        expect([source, detailType]).toEqual(['aws.ecs', 'ECS Task State Change']);
        events.push(detail as (typeof events)[number]);
      };
      return [ecsService(cloud, options)];
    },
    { stateFolder: folder, path: options.path },
  );
  const definition = await deploy(opened.cloud);
  const ecs = new ECSClient(opened.client);
  const run = async (
    change: Partial<RunTaskCommandInput> = {},
    env: Record<string, string> = {},
  ) => {
    const environment = Object.entries(env).map(([name, value]) => ({ name, value }));
    return ecs.send(
      new RunTaskCommand({
        cluster: 'boxes',
        taskDefinition: definition,
        launchType: 'FARGATE',
        networkConfiguration: NETWORK,
        overrides: { containerOverrides: [{ name: 'sandbox', environment }] },
        ...change,
      }),
    );
  };
  const arnOf = async (...given: Parameters<typeof run>) =>
    (await run(...given)).tasks?.[0]?.taskArn ?? '';
  return { ...opened, ecs, run, arnOf, definition };
}

async function until(status: string, taskArn: string) {
  for (let wait = 0; wait < 500; wait += 1) {
    const found = events.find((event) => event.taskArn === taskArn && event.lastStatus === status);
    if (found) return found;
    await sleep(10);
  }
  throw new Error(`${taskArn} did not become ${status}: ${JSON.stringify(events)}`);
}

describe('a task', () => {
  it('runs its command in the folder of its image, with its own environment and no other', async () => {
    const { arnOf, close, cloud } = await open();
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
    const { arnOf, close, definition } = await open();
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
    const { arnOf, close, ecs } = await open();
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
    const { arnOf, close, ecs } = await open({ places: 1 });
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
    const before = await open({ path, places: 1 });
    const [running, waiting] = [await before.arnOf(), await before.arnOf()];
    await until('RUNNING', running);
    await before.close();
    events = [];
    const after = await open({ path });
    expect(events).toMatchObject([
      { taskArn: running, lastStatus: 'STOPPED', containers: [{ exitCode: 137 }] },
      { taskArn: waiting, lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' },
    ]);
    expect(after.definition).toBe(before.definition);
    await after.close();
  });
});

describe('RunTask', () => {
  it('answers the same client token with the same task, and another request with a conflict', async () => {
    const { run, close } = await open();
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
    const { run, close, definition } = await open();
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
    expect(await refused({ overrides: { taskRoleArn: ROLE } })).toMatch(/NotServed.*taskRoleArn/);
    expect(await refused({ enableExecuteCommand: true })).toMatch(
      /NotServed.*enableExecuteCommand/,
    );
    expect(await refused({ taskDefinition: 'box', count: 1 })).toBe('accepted');
    expect(definition).toMatch(/:task-definition\/box:1$/);
    await close();
  });

  it('needs leave for the task definition on that cluster, and to pass the execution role', async () => {
    const { cloud, role, clientOf, close } = await guardedCloud((made) => [ecsService(made)]);
    const definition = await deploy(cloud);
    const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' } as const;
    const attempt = async (name: string, cluster: string, passedTo: string) => {
      const roleArn = role(
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
          Resource: ROLE,
          Condition: { StringEquals: { 'iam:PassedToService': passedTo } },
        },
      );
      const credentials = cloud.issueCredentials({ roleArn, sessionName: 's', seconds: 900 });
      const ecs = new ECSClient(clientOf(credentials));
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
    await close();
  });
});

describe('the tasks of a cluster', () => {
  it('are described and listed by what they are meant to be', async () => {
    const { arnOf, close, ecs, cloud } = await open();
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
    const { cloud, close, run, definition } = await open();
    expect(await deploy(cloud)).toBe(definition);
    const changed = await deploy(cloud, { Command: ['node', 'main.cjs', '--box', 'launcher'] });
    expect(changed).toMatch(/:box:2$|box:2$/);
    await expect(run()).rejects.toMatchObject({ name: 'ClientException' });
    await close();
  });

  it('is refused by name where it asks for what is not simulated', async () => {
    const { cloud, close } = await open();
    await expect(deploy(cloud, { Command: ['sh', '-c', 'x'] })).rejects.toThrow(/not node/);
    await expect(deploy(cloud, { Secrets: [] })).rejects.toThrow(/Secrets is not served/);
    await expect(deploy(cloud, { Image: 'nginx:latest' })).rejects.toThrow(/no asset/);
    await close();
  });
});
