import type { Cloud } from '#local/kernel/cloud.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { TaskDefinitionStore } from './task-definition-store.ts';
import type { TaskRunner } from './task-runner.ts';
import type { TaskStore } from './task-store.ts';

/** What every ECS action and resource works with. */
export interface EcsContext {
  readonly cloud: Cloud;
  readonly clusters: ClusterStore;
  readonly definitions: TaskDefinitionStore;
  readonly tasks: TaskStore;
  readonly runner: TaskRunner;
}
