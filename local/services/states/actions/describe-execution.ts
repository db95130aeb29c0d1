import type { Action } from '#local/kernel/service.ts';
import { machineArn, onExecution } from '../arn.ts';
import { inSeconds, type StatesContext } from '../states-context.ts';
import { redriveStatus } from '../status-event.ts';

interface Input {
  readonly executionArn?: string;
  /** `METADATA_ONLY` leaves input and output out. */
  readonly includedData?: string;
}

export const describeExecution = (states: StatesContext): Action<Input> => ({
  reads: true,
  authorize: ({ executionArn }, { cloud }) => onExecution(cloud, 'DescribeExecution', executionArn),
  run({ executionArn, includedData }, { cloud }) {
    const row = states.executions.get(executionArn);
    const included = includedData !== 'METADATA_ONLY';
    return {
      executionArn: states.executions.arn(row),
      stateMachineArn: machineArn(cloud, row.machine),
      name: row.name,
      status: row.status,
      startDate: inSeconds(row.started),
      ...(row.stopped === null ? {} : { stopDate: inSeconds(row.stopped) }),
      ...(included ? { input: row.input } : {}),
      inputDetails: { included },
      ...(row.output === null
        ? {}
        : { ...(included ? { output: row.output } : {}), outputDetails: { included } }),
      ...(row.error === null ? {} : { error: row.error }),
      ...(row.cause === null ? {} : { cause: row.cause }),
      ...(row.trace === null ? {} : { traceHeader: row.trace }),
      ...(row.versionArn === null ? {} : { stateMachineVersionArn: row.versionArn }),
      ...(row.aliasArn === null ? {} : { stateMachineAliasArn: row.aliasArn }),
      redriveCount: 0,
      ...redriveStatus(row),
    };
  },
});
