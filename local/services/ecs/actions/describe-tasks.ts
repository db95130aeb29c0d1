import type { Action } from '#local/kernel/service.ts';
import { notServed } from '#local/kernel/aws-error.ts';
import type { EcsContext } from '../ecs-context.ts';
import { invalidParameter } from '../ecs-error.ts';
import { describeTask } from '../task-description.ts';
import { shownTask } from './stop-task.ts';

interface Input {
  readonly cluster?: string;
  readonly tasks?: readonly string[];
  readonly include?: readonly string[];
}

/** Describes up to 100 tasks; those that are gone are failures, not an error. */
export const describeTasks = (ecs: EcsContext): Action<Input> => ({
  reads: true,
  authorize({ cluster, tasks = [] }) {
    const name = ecs.clusters.find(cluster);
    return tasks.map((task) => ({
      action: 'ecs:DescribeTasks',
      resource: ecs.tasks.arn(ecs.tasks.find(name, task) ?? { cluster: name, id: task }),
      conditions: { 'ecs:cluster': ecs.clusters.arn(name) },
    }));
  },
  run({ cluster, tasks = [], include = [] }) {
    const { cloud, definitions } = ecs;
    const name = ecs.clusters.find(cluster);
    if (tasks.length === 0) throw invalidParameter('Tasks cannot be empty.');
    if (tasks.length > 100) throw invalidParameter('Tasks can have at most 100 items.');
    if (include.length > 0) throw notServed(`DescribeTasks with ${include.join(', ')}`);
    const found = tasks.map((task) => ({ task, row: shownTask(ecs, name, task) }));
    return {
      tasks: found.flatMap(({ row }) => (row ? [describeTask(cloud, row, definitions)] : [])),
      failures: found
        .filter(({ row }) => !row)
        .map(({ task }) => ({
          arn: task.startsWith('arn:') ? task : ecs.tasks.arn({ cluster: name, id: task }),
          reason: 'MISSING',
        })),
    };
  },
});
