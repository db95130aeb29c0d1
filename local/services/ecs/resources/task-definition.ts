import { notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider, ResourceRequest } from '#local/kernel/service.ts';
import { imageFolder } from '#local/template/image-assets.ts';
import { takeMembers, takeProperties } from '#local/template/take-properties.ts';
import type { EcsContext } from '../ecs-context.ts';
import { checkCommand } from '../image-command.ts';
import type { TaskDefinition } from '../task-definition-store.ts';

/** Seconds between SIGTERM and SIGKILL when the definition does not say. */
const STOP_TIMEOUT = 30;

const PROPERTIES = {
  served: [
    'Family',
    'RequiresCompatibilities',
    'NetworkMode',
    'Cpu',
    'Memory',
    'ExecutionRoleArn',
    'ContainerDefinitions',
  ],
  inert: ['EphemeralStorage', 'RuntimePlatform', 'Tags', 'Volumes'],
};

const CONTAINER = {
  served: [
    'Name',
    'Image',
    'Command',
    'Environment',
    'Essential',
    'LogConfiguration',
    'StopTimeout',
  ],
  inert: ['Cpu', 'LinuxParameters', 'Memory', 'MountPoints', 'ReadonlyRootFilesystem', 'User'],
};

/** `AWS::ECS::TaskDefinition` of one container on Fargate, without a task role; `Ref` is its ARN. */
export const taskDefinitionResource = ({ definitions }: EcsContext): ResourceProvider => ({
  type: 'AWS::ECS::TaskDefinition',
  upsert(resource) {
    const properties = takeProperties(resource, PROPERTIES);
    const family = (properties['Family'] as string | undefined) ?? resource.defaultName;
    const { RequiresCompatibilities = [], NetworkMode } = properties;
    if (!(RequiresCompatibilities as string[]).includes('FARGATE') || NetworkMode !== 'awsvpc') {
      throw notServed(`${resource.logicalId}: tasks that are not for Fargate`);
    }
    const arn = definitions.put(family, definitionOf(resource, properties));
    return { ref: arn, attributes: { TaskDefinitionArn: arn } };
  },
  remove: (ref) => definitions.deactivate(ref),
});

function definitionOf(
  resource: ResourceRequest,
  properties: Readonly<Record<string, unknown>>,
): TaskDefinition {
  const where = `${resource.type} ${resource.logicalId}`;
  const containers = (properties['ContainerDefinitions'] ?? []) as Record<string, unknown>[];
  const [only] = containers;
  if (!only || containers.length > 1) throw notServed(`${where}: not exactly one container`);
  const container = takeMembers(`${where}: ContainerDefinitions`, only, CONTAINER);
  const command = (container['Command'] ?? []) as string[];
  checkCommand(command);
  const image = String(container['Image']);
  const environment = (container['Environment'] ?? []) as { Name: string; Value: string }[];
  return {
    cpu: String(properties['Cpu']),
    memory: String(properties['Memory']),
    executionRoleArn: properties['ExecutionRoleArn'] as string | undefined,
    container: {
      name: String(container['Name']),
      image,
      folder: imageFolder(resource.assemblyFolder, image),
      command,
      environment: Object.fromEntries(environment.map(({ Name, Value }) => [Name, Value])),
      stopTimeout: Number(container['StopTimeout'] ?? STOP_TIMEOUT),
      log: logOf(where, container['LogConfiguration']),
    },
  };
}

function logOf(where: string, value: unknown): TaskDefinition['container']['log'] {
  if (value === undefined) return undefined;
  const { LogDriver, Options } = takeMembers(
    `${where}: LogConfiguration`,
    { ...value },
    { served: ['LogDriver', 'Options'] },
  );
  if (LogDriver !== 'awslogs') throw notServed(`${where}: the log driver ${String(LogDriver)}`);
  const options = takeMembers(
    `${where}: LogConfiguration Options`,
    { ...(Options ?? {}) },
    {
      served: ['awslogs-group', 'awslogs-stream-prefix'],
      inert: ['awslogs-region', 'mode', 'max-buffer-size'],
    },
  );
  const { 'awslogs-group': group = '', 'awslogs-stream-prefix': prefix = '' } = options as Readonly<
    Record<string, string>
  >;
  return { group, prefix };
}
