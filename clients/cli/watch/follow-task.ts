import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskView } from '#shared/api/tasks.ts';
import type { ApiClient } from '../api/api-client.ts';

/** A change is seen this soon while there is much going on. */
const QUICK_MS = 150;
/** While nothing changes, looks grow rarer up to this. */
const SLOW_MS = 1000;

/** True once nothing more happens to the task by itself. */
export const isOver = ({ status }: TaskView): boolean =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';

/** The approvals that the task waits for. */
export const openApprovals = (task: TaskView): readonly string[] =>
  task.status === 'WAITING' ? (task.run?.waiting_for?.approval_ids ?? []) : [];

/** A task as it changes, first as it is, last when it is over. */
export async function* followTask(client: ApiClient, id: string): AsyncGenerator<TaskView> {
  let before = '';
  let pause = QUICK_MS;
  for (;;) {
    const task = await client.getTask(id);
    const now = JSON.stringify(task);
    if (now !== before) {
      yield task;
      pause = QUICK_MS;
    }
    if (isOver(task)) return;
    before = now;
    await sleep(pause);
    pause = Math.min(SLOW_MS, pause * 1.3);
  }
}
