import { ECSClient, InvalidParameterException, StopTaskCommand } from '@aws-sdk/client-ecs';
import { keys } from '../aws-dynamodb/keys.ts';
import type { TenantTable } from '../aws-dynamodb/tenant-table.ts';

const ecs = new ECSClient({});

/** Stops the Fargate task that a run leases, if it has one. Doing it twice changes nothing. */
export async function stopSandboxOf(
  table: TenantTable,
  cluster: string,
  runId: string,
  reason: string,
): Promise<void> {
  const { pk, sk } = keys.lease(table.tenant, runId);
  const lease = await table.get(pk, sk);
  const taskArn = lease?.['task_arn'];
  if (typeof taskArn !== 'string' || lease?.['ended_at']) return;
  await stopTask(cluster, taskArn, reason);
}

/** Stops one Fargate task; one that is gone already is fine. */
export async function stopTask(cluster: string, taskArn: string, reason: string): Promise<void> {
  try {
    await ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason }));
  } catch (error) {
    if (!(error instanceof InvalidParameterException)) throw error;
  }
}
