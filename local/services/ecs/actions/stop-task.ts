import type { Action } from '#local/kernel/service.ts';
import type { EcsContext } from '../ecs-context.ts';
import { invalidParameter } from '../ecs-error.ts';
import { describeTask } from '../task-description.ts';
import type { TaskRow } from '../task-store.ts';

interface Input {
  readonly cluster?: string;
  readonly task?: string;
  readonly reason?: string;
}

/** AWS keeps this many characters of a reason. */
const MAX_REASON = 1024;

/** Stops a task: SIGTERM, and SIGKILL soon after. */
export const stopTask = (ecs: EcsContext): Action<Input> => ({
  authorize({ cluster, task }) {
    const name = ecs.clusters.find(cluster);
    return [
      {
        action: 'ecs:StopTask',
        resource: ecs.tasks.arn(ecs.tasks.find(name, task) ?? { cluster: name, id: task ?? '*' }),
        conditions: { 'ecs:cluster': ecs.clusters.arn(name) },
      },
    ];
  },
  run({ cluster, task, reason }) {
    const { cloud, definitions, runner } = ecs;
    const row = shownTask(ecs, ecs.clusters.find(cluster), task);
    if (!row) throw invalidParameter('The referenced task was not found.');
    const why = (reason ?? 'Task stopped by user').slice(0, MAX_REASON);
    return { task: describeTask(cloud, runner.stopTask(row, why), definitions) };
  },
});

/** A task that AWS would still show. */
export function shownTask(
  { tasks }: EcsContext,
  cluster: string,
  reference: string | undefined,
): TaskRow | undefined {
  const row = tasks.find(cluster, reference);
  return row && tasks.isShown(row) ? row : undefined;
}
