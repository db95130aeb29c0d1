import { randomUUID } from 'node:crypto';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Action, IamRequest } from '#local/kernel/service.ts';
import { takeMembers } from '#local/template/take-properties.ts';
import type { EcsContext } from '../ecs-context.ts';
import { clientFault, invalidParameter } from '../ecs-error.ts';
import { checkCommand } from '../image-command.ts';
import { describeTask } from '../task-description.ts';
import type { Revision } from '../task-definition-store.ts';
import { TASKS_TOPIC } from '../task-runner.ts';
import type { TaskOrder, TaskRow } from '../task-store.ts';

interface ContainerOverride {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
}

interface Input {
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly count?: number;
  readonly launchType?: string;
  readonly platformVersion?: string;
  readonly clientToken?: string;
  readonly startedBy?: string;
  readonly group?: string;
  readonly networkConfiguration?: {
    readonly awsvpcConfiguration?: {
      readonly subnets?: readonly string[];
      readonly securityGroups?: readonly string[];
      readonly assignPublicIp?: string;
    };
  };
  readonly overrides?: { readonly containerOverrides?: readonly ContainerOverride[] };
}

const SERVED = [
  'cluster',
  'taskDefinition',
  'count',
  'launchType',
  'platformVersion',
  'clientToken',
  'startedBy',
  'group',
  'networkConfiguration',
  'overrides',
];
/** They change nothing that the local cloud simulates. */
const INERT = ['referenceId', 'enableECSManagedTags'];

/** Starts tasks on Fargate: they are PROVISIONING when this answers. */
export const runTask = (ecs: EcsContext): Action<Input> => ({
  authorize(input): IamRequest[] {
    const { definitions, clusters } = ecs;
    const cluster = clusters.find(input.cluster);
    const revision = definitions.find(input.taskDefinition);
    const { executionRoleArn } = revision.definition;
    return [
      {
        action: 'ecs:RunTask',
        resource: definitions.arn(revision),
        conditions: { 'ecs:cluster': clusters.arn(cluster) },
      },
      ...(executionRoleArn === undefined
        ? []
        : [
            {
              action: 'iam:PassRole',
              resource: executionRoleArn,
              conditions: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
            },
          ]),
    ];
  },
  run(input) {
    const { cloud, clusters, definitions, tasks, runner } = ecs;
    takeMembers('RunTask', input as Record<string, unknown>, { served: SERVED, inert: INERT });
    const cluster = clusters.find(input.cluster);
    const revision = definitions.find(input.taskDefinition);
    check(input);
    const order = orderOf(input, revision);
    const earlier = ofToken(ecs, cluster, input);
    const rows =
      earlier ??
      Array.from({ length: input.count ?? 1 }, () =>
        tasks.insert({
          id: randomUUID().replaceAll('-', ''),
          cluster,
          family: revision.family,
          revision: revision.revision,
          startedBy: input.startedBy ?? null,
          taskGroup: input.group ?? `family:${revision.family}`,
          taskOrder: JSON.stringify(order),
        }),
      );
    if (!earlier) {
      for (const row of rows) runner.publish(row);
      if (input.clientToken !== undefined) {
        const ids = rows.map(({ id }) => id);
        tasks.putToken(cluster, input.clientToken, JSON.stringify(input), ids);
      }
      cloud.wake(TASKS_TOPIC);
    }
    return { tasks: rows.map((row) => describeTask(cloud, row, definitions)), failures: [] };
  },
});

/** The tasks that an earlier request with the same client token started. */
function ofToken(ecs: EcsContext, cluster: string, input: Input): TaskRow[] | undefined {
  const { tasks } = ecs;
  const earlier =
    input.clientToken === undefined ? undefined : tasks.token(cluster, input.clientToken);
  if (!earlier) return undefined;
  if (earlier.request !== JSON.stringify(input)) {
    throw new AwsError(
      'ConflictException',
      'The clientToken is already in use with a different RunTask request.',
      400,
      { resourceIds: earlier.tasks.map((id) => tasks.arn({ cluster, id })) },
    );
  }
  return earlier.tasks.flatMap((id) => tasks.byId(id) ?? []);
}

function check(input: Input): void {
  const { count = 1, launchType, group } = input;
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    throw invalidParameter('count cannot be greater than 10 or less than 1.');
  }
  if (launchType === undefined) {
    // Without a launch type AWS takes EC2 instances, which the definition is not made for.
    throw invalidParameter('No Container Instances were found in your cluster.');
  }
  if (launchType !== 'FARGATE') throw notServed(`tasks of the launch type ${launchType}`);
  if (group?.startsWith('family:') || group?.startsWith('service:')) {
    throw invalidParameter('Invalid namespace for group.');
  }
  checkNames(input);
}

function checkNames({ clientToken, startedBy = '' }: Input): void {
  if (clientToken !== undefined && !/^[!-~]{1,64}$/.test(clientToken)) {
    throw invalidParameter('clientToken must be 1 to 64 ASCII characters.');
  }
  if (!/^[\w/-]{0,128}$/.test(startedBy)) {
    throw invalidParameter(
      'startedBy may have up to 128 letters, numbers, hyphens, forward slashes, and underscores.',
    );
  }
}

/** What Fargate means by `LATEST` on Linux. */
const LATEST_PLATFORM = '1.4.0';

function orderOf(input: Input, revision: Revision): TaskOrder {
  checkNetwork(input.networkConfiguration?.awsvpcConfiguration);
  const container = overrideOf(input, revision);
  if (container?.command) checkCommand(container.command);
  const { platformVersion = 'LATEST' } = input;
  return {
    command: container?.command,
    environment: container?.environment,
    platformVersion: platformVersion === 'LATEST' ? LATEST_PLATFORM : platformVersion,
  };
}

type Network = NonNullable<Input['networkConfiguration']>['awsvpcConfiguration'];

function checkNetwork(network: Network): void {
  if (!network) {
    throw invalidParameter(
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    );
  }
  const { subnets = [], securityGroups = [] } = network;
  if (subnets.length === 0 || subnets.length > 16) {
    throw invalidParameter('subnets can have at most 16 items and at least 1.');
  }
  if (securityGroups.length > 5) throw invalidParameter('securityGroup can have at most 5 items.');
}

/** AWS takes 8192 characters of overrides. */
const MAX_OVERRIDES = 8192;

function overrideOf(input: Input, { definition }: Revision): ContainerOverride | undefined {
  const overrides = takeMembers(
    'RunTask: overrides',
    { ...input.overrides },
    {
      served: ['containerOverrides'],
    },
  );
  if (JSON.stringify(overrides).length > MAX_OVERRIDES) {
    throw invalidParameter(`Container Overrides length must be at most ${MAX_OVERRIDES}`);
  }
  const [container, ...others] = (overrides['containerOverrides'] ?? []) as ContainerOverride[];
  for (const { name } of container ? [container, ...others] : []) {
    if (name !== definition.container.name) {
      throw invalidParameter(
        `Override for container named ${name} is not a container in the TaskDefinition.`,
      );
    }
  }
  if (others.length > 0) throw clientFault('A container can be overridden only once.');
  if (container) {
    takeMembers(
      'RunTask: containerOverrides',
      { ...container },
      {
        served: ['name', 'command', 'environment'],
      },
    );
  }
  return container;
}
