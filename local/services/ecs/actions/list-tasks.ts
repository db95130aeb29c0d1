import type { Action } from '#local/kernel/service.ts';
import { takeMembers } from '#local/template/take-properties.ts';
import type { EcsContext } from '../ecs-context.ts';
import { invalidParameter } from '../ecs-error.ts';

interface Input {
  readonly cluster?: string;
  readonly family?: string;
  readonly startedBy?: string;
  readonly desiredStatus?: string;
  readonly launchType?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

const SERVED = [
  'cluster',
  'family',
  'startedBy',
  'desiredStatus',
  'launchType',
  'maxResults',
  'nextToken',
];

/** Lists the ARNs of tasks by what they are meant to be: RUNNING, or STOPPED within the last hour. */
export const listTasks = (ecs: EcsContext): Action<Input> => ({
  reads: true,
  authorize({ cluster }) {
    const name = ecs.clusters.find(cluster);
    return [
      {
        action: 'ecs:ListTasks',
        resource: ecs.cloud.arn('ecs', `container-instance/${name}/*`),
        conditions: { 'ecs:cluster': ecs.clusters.arn(name) },
      },
    ];
  },
  run(input) {
    takeMembers('ListTasks', input as Record<string, unknown>, { served: SERVED });
    const { family, startedBy, desiredStatus = 'RUNNING', launchType } = input;
    const { maxResults = 100, nextToken = '0' } = input;
    if (maxResults < 1 || maxResults > 100 || !/^\d+$/.test(nextToken)) {
      throw invalidParameter('Invalid maxResults or nextToken.');
    }
    const all = ecs.tasks
      .list(ecs.clusters.find(input.cluster), desiredStatus)
      .filter((row) => ecs.tasks.isShown(row))
      .filter((row) => family === undefined || row.family === family)
      .filter((row) => startedBy === undefined || row.startedBy === startedBy)
      .filter(() => launchType === undefined || launchType === 'FARGATE');
    const from = Number(nextToken);
    const page = all.slice(from, from + maxResults);
    const next = from + page.length;
    return {
      taskArns: page.map((row) => ecs.tasks.arn(row)),
      ...(next < all.length && { nextToken: String(next) }),
    };
  },
});
