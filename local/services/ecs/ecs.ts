import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Service } from '#local/kernel/service.ts';
import { describeTasks } from './actions/describe-tasks.ts';
import { listTasks } from './actions/list-tasks.ts';
import { runTask } from './actions/run-task.ts';
import { stopTask } from './actions/stop-task.ts';
import { ClusterStore } from './cluster-store.ts';
import type { EcsContext } from './ecs-context.ts';
import { capacityProvidersResource, clusterResource } from './resources/cluster.ts';
import { taskDefinitionResource } from './resources/task-definition.ts';
import { TaskDefinitionStore } from './task-definition-store.ts';
import { TaskRunner } from './task-runner.ts';
import { TaskStore } from './task-store.ts';

export interface EcsOptions {
  /** How many tasks run at once; the others wait. @default two for each core */
  readonly places?: number;
}

/**
 * AWS ECS on Fargate: each task is a process of this machine, run in the folder that its image is
 * built from. A task does not outlive the local cloud.
 */
export function ecsService(cloud: Cloud, options: EcsOptions = {}): Service {
  const clusters = new ClusterStore(cloud);
  const definitions = new TaskDefinitionStore(cloud);
  const tasks = new TaskStore(cloud);
  const runner = new TaskRunner(cloud, tasks, definitions, options.places);
  const ecs: EcsContext = { cloud, clusters, definitions, tasks, runner };
  return {
    name: 'ecs',
    wire: jsonWire('1.1'),
    actions: {
      RunTask: runTask(ecs),
      StopTask: stopTask(ecs),
      DescribeTasks: describeTasks(ecs),
      ListTasks: listTasks(ecs),
    },
    resources: [clusterResource(ecs), capacityProvidersResource, taskDefinitionResource(ecs)],
    start: () => runner.start(),
    stop: () => runner.stop(),
  };
}
