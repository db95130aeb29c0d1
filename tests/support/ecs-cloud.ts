import { ECSClient, RunTaskCommand, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, ServiceEvent } from '#local/kernel/cloud.ts';
import { ecsService } from '#local/services/ecs/ecs.ts';
import { bareCloud } from './bare-cloud.ts';

/** Ends with the code in CODE, or stays until its stdin closes or SIGTERM comes. */
const PROGRAM = `
console.log('box', process.argv.slice(2).join(' '), JSON.stringify(process.env));
if (process.env.CODE) process.exit(Number(process.env.CODE));
process.stdin.resume().on('close', () => process.exit(9));
process.on('SIGTERM', () => process.env.STUBBORN || process.exit(143));
setInterval(() => {}, 1000);
`;
const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/assets:abc123';

/** The network configuration of every task. */
export const NETWORK = {
  awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] },
};

/** The execution role of the task definition. */
export const EXECUTION_ROLE = 'arn:aws:iam::000000000000:role/execution';

/** A cloud assembly with one image, whose program says what it got. @returns its folder */
export function imageAssembly(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-test-'));
  mkdirSync(join(folder, 'asset.abc123'));
  writeFileSync(join(folder, 'asset.abc123', 'main.cjs'), PROGRAM);
  const dockerImages = { abc123: { source: { directory: 'asset.abc123' } } };
  writeFileSync(join(folder, 'stack.assets.json'), JSON.stringify({ dockerImages }));
  return folder;
}

/** Makes the cluster `boxes` and the task definition `box` as their template would. @returns its ARN */
export async function deployTask(
  cloud: Cloud,
  assemblyFolder: string,
  container: Record<string, unknown> = {},
): Promise<string> {
  const make = async (type: string, properties: Record<string, unknown>) => {
    const resource = { logicalId: 'It', type, properties, defaultName: 'it', assemblyFolder };
    const provider = cloud.providers().get(type);
    const result = await provider?.upsert({ ...resource, assetPath: (key) => key }, cloud);
    return result?.ref ?? '';
  };
  await make('AWS::ECS::Cluster', { ClusterName: 'boxes' });
  return make('AWS::ECS::TaskDefinition', {
    Family: 'box',
    RequiresCompatibilities: ['FARGATE'],
    NetworkMode: 'awsvpc',
    Cpu: '256',
    Memory: '512',
    ExecutionRoleArn: EXECUTION_ROLE,
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

/** The detail of an "ECS Task State Change". */
export interface StateChange {
  readonly taskArn: string;
  readonly lastStatus: string;
  readonly [name: string]: unknown;
}

/** A cloud of ECS alone with that cluster, which collects what the default bus is told. */
export async function ecsCloud(
  folder: string,
  options: { readonly places?: number; readonly path?: string } = {},
) {
  const events: StateChange[] = [];
  const opened = await bareCloud(
    (cloud) => {
      cloud.publishEvent = ({ detail }: ServiceEvent) => events.push(detail as StateChange);
      return [ecsService(cloud, options)];
    },
    { stateFolder: folder, path: options.path },
  );
  const definition = await deployTask(opened.cloud, folder);
  const ecs = new ECSClient(opened.client);
  const run = (change: Partial<RunTaskCommandInput> = {}, env: Record<string, string> = {}) => {
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
  return {
    cloud: opened.cloud,
    ecs,
    events,
    definition,
    /** RunTask on Fargate, with environment variables. */
    run,
    /** The same. @returns the task's ARN */
    arnOf: async (...given: Parameters<typeof run>) =>
      (await run(...given)).tasks?.[0]?.taskArn ?? '',
    close: () => opened.close(),
    /** Waits until the bus is told of a state. @returns the event's detail */
    until: async (status: string, taskArn: string): Promise<StateChange> => {
      for (let wait = 0; wait < 500; wait += 1) {
        const found = events.find(
          (event) => event.taskArn === taskArn && event.lastStatus === status,
        );
        if (found) return found;
        await sleep(10);
      }
      throw new Error(`${taskArn} did not become ${status}: ${JSON.stringify(events)}`);
    },
  };
}

/** Deletes what `imageAssembly` made. */
export const removeAssembly = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true });
