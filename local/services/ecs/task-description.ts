import type { Cloud, ServiceEvent } from '#local/kernel/cloud.ts';
import type { TaskDefinitionStore } from './task-definition-store.ts';
import type { TaskOrder, TaskRow } from './task-store.ts';

/** A task as the API answers it, with times in seconds since the epoch. */
export function describeTask(cloud: Cloud, row: TaskRow, definitions: TaskDefinitionStore) {
  return describe(cloud, row, definitions, (time) => time / 1000);
}

/** The event "ECS Task State Change" of a task as it now stands. */
export function stateChangeEvent(
  cloud: Cloud,
  row: TaskRow,
  definitions: TaskDefinitionStore,
): ServiceEvent {
  const { tags: _, ...detail } = describe(cloud, row, definitions, (time) =>
    new Date(time).toISOString(),
  );
  return {
    source: 'aws.ecs',
    detailType: 'ECS Task State Change',
    resources: [detail.taskArn],
    detail: { ...detail, updatedAt: new Date(cloud.now()).toISOString() },
  };
}

function describe<Time>(
  cloud: Cloud,
  row: TaskRow,
  definitions: TaskDefinitionStore,
  time: (milliseconds: number) => Time,
) {
  const { definition } = definitions.get(row.family, row.revision);
  const { container } = definition;
  const order = JSON.parse(row.taskOrder) as TaskOrder;
  const taskArn = cloud.arn('ecs', `task/${row.cluster}/${row.id}`);
  const at = (name: string, value: number | null) =>
    value === null ? {} : { [name]: time(value) };
  return {
    taskArn,
    clusterArn: cloud.arn('ecs', `cluster/${row.cluster}`),
    taskDefinitionArn: cloud.arn('ecs', `task-definition/${row.family}:${row.revision}`),
    lastStatus: row.status,
    desiredStatus: row.desired,
    launchType: 'FARGATE',
    platformVersion: order.platformVersion,
    platformFamily: 'Linux',
    cpu: definition.cpu,
    memory: definition.memory,
    group: row.taskGroup,
    version: row.version,
    attachments: [],
    attributes: [],
    tags: [],
    overrides: {
      containerOverrides: [
        {
          name: container.name,
          ...(order.command && { command: order.command }),
          ...(order.environment && { environment: order.environment }),
        },
      ],
      inferenceAcceleratorOverrides: [],
    },
    containers: [
      {
        containerArn: cloud.arn('ecs', `container/${row.cluster}/${row.id}/${container.name}`),
        taskArn,
        name: container.name,
        image: container.image,
        lastStatus: row.status === 'PROVISIONING' ? 'PENDING' : row.status,
        ...(row.exitCode !== null && { exitCode: row.exitCode }),
        networkInterfaces: [],
        cpu: '0',
      },
    ],
    ...at('createdAt', row.created),
    ...at('startedAt', row.started),
    ...at('stoppingAt', row.stopping),
    ...at('stoppedAt', row.stopped),
    ...at('executionStoppedAt', row.stopped),
    ...(row.startedBy !== null && { startedBy: row.startedBy }),
    ...(row.stopCode !== null && { stopCode: row.stopCode }),
    ...(row.reason !== null && { stoppedReason: row.reason }),
  };
}
