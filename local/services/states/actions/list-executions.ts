import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { machineArn, machineReference, onMachine } from '../arn.ts';
import {
  inSeconds,
  pagePosition,
  pageSize,
  pageToken,
  required,
  type StatesContext,
} from '../states-context.ts';

interface Input {
  readonly stateMachineArn?: string;
  readonly statusFilter?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly mapRunArn?: string;
  readonly redriveFilter?: string;
}

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];

/** The executions of a state machine, a version or an alias, the newest first. */
export const listExecutions = (states: StatesContext): Action<Input> => ({
  reads: true,
  authorize: ({ stateMachineArn }, { cloud }) =>
    onMachine(cloud, 'ListExecutions', stateMachineArn),
  run(input, { cloud }) {
    if (input.mapRunArn !== undefined) throw notServed('Map Runs');
    if (input.redriveFilter !== undefined) throw notServed('the redriveFilter of ListExecutions');
    const arn = required(input.stateMachineArn, 'stateMachineArn');
    const { name, qualifier } = machineReference(arn);
    states.machines.get({ name });
    const status = input.statusFilter;
    if (status !== undefined && !STATUSES.includes(status)) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${status}' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
      );
    }
    const limit = pageSize(input.maxResults);
    const rows = states.executions.list(name, {
      ...(status === undefined ? {} : { status }),
      ...(qualifier === undefined ? {} : { qualifiedArn: arn }),
      before: pagePosition(input.nextToken, Number.MAX_SAFE_INTEGER),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    return {
      executions: page.map((row) => ({
        executionArn: states.executions.arn(row),
        stateMachineArn: machineArn(cloud, row.machine),
        name: row.name,
        status: row.status,
        startDate: inSeconds(row.started),
        ...(row.stopped === null ? {} : { stopDate: inSeconds(row.stopped) }),
        ...(row.versionArn === null ? {} : { stateMachineVersionArn: row.versionArn }),
        ...(row.aliasArn === null ? {} : { stateMachineAliasArn: row.aliasArn }),
        redriveCount: 0,
      })),
      ...(rows.length > limit ? { nextToken: pageToken(page.at(-1)?.id ?? 0) } : {}),
    };
  },
});
