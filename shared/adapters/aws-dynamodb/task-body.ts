import { TaskBody } from '#shared/domain/task/task.ts';
import { keys } from './keys.ts';
import type { TenantTable } from './tenant-table.ts';

const KEPT = 100;
const bodies = new Map<string, TaskBody>();

/** A task's body. It is immutable, so a process that has read it once keeps it by its digest. */
export async function readTaskBody(
  table: TenantTable,
  taskId: string,
  digest: string,
): Promise<TaskBody> {
  const name = `${table.tenant} ${digest}`;
  const known = bodies.get(name);
  if (known) return known;
  const { pk, sk } = keys.taskBody(table.tenant, taskId);
  const item = await table.get(pk, sk);
  const body = TaskBody.parse(JSON.parse(String(item?.['body'])));
  if (bodies.size >= KEPT) bodies.delete(bodies.keys().next().value ?? '');
  bodies.set(name, body);
  return body;
}
