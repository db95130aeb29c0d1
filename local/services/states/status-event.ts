import type { Cloud, ServiceEvent } from '#local/kernel/cloud.ts';
import { executionArn, machineArn } from './arn.ts';
import type { ExecutionRow } from './execution-store.ts';

/** Beyond this many bytes of input and output together, AWS leaves them out of the event. */
const MAX_DATA_BYTES = 248 * 1024;

/** The event "Step Functions Execution Status Change" of an execution as it now stands. */
export function statusEvent(cloud: Cloud, row: ExecutionRow): ServiceEvent {
  const arn = executionArn(cloud, row.machine, row.name);
  const included =
    Buffer.byteLength(row.input) + Buffer.byteLength(row.output ?? '') <= MAX_DATA_BYTES;
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: machineArn(cloud, row.machine),
      name: row.name,
      status: row.status,
      startDate: row.started,
      stopDate: row.stopped,
      input: included ? row.input : null,
      output: included ? row.output : null,
      stateMachineVersionArn: row.versionArn,
      stateMachineAliasArn: row.aliasArn,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: redriveStatus(row).redriveStatus,
      redriveStatusReason: redriveStatus(row).redriveStatusReason ?? null,
      inputDetails: { included },
      outputDetails: row.output === null ? null : { included },
      error: row.error,
      cause: row.cause,
    },
  };
}

/** Whether AWS would redrive an execution; the local cloud never does. */
export function redriveStatus({ status }: Pick<ExecutionRow, 'status'>): {
  redriveStatus: string;
  redriveStatusReason?: string;
} {
  if (status !== 'RUNNING' && status !== 'SUCCEEDED') return { redriveStatus: 'REDRIVABLE' };
  return {
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  };
}
