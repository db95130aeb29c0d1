import { isoTime, type Clock } from '#shared/ports/clock.ts';
import type { DueItem, SweepStore } from '#shared/ports/sweep-store.ts';

export interface SweepDeps {
  readonly store: SweepStore;
  readonly now: Clock;
  readonly log: (message: string, detail: Record<string, unknown>) => void;
}

export interface SweepReport {
  readonly looked_at: number;
  readonly failed: number;
}

/** How many due items one sweep takes; the next one, a minute later, takes the next. */
const BATCH = 200;

/**
 * Finishes what somebody died in the middle of: tasks stored and not queued, answers given and runs
 * not woken, questions past their time, runs whose end was not heard of, tasks waiting for a place.
 * Each action is one that others may do at the same time.
 */
export async function sweep({ store, now, log }: SweepDeps): Promise<SweepReport> {
  const due = await store.due(isoTime(now()), BATCH);
  let failed = 0;
  for (const item of due) {
    try {
      await handle(item, store);
      log('swept', { kind: item.kind, tenant: item.tenant, id: item.id });
    } catch (error) {
      failed += 1;
      log('could not be swept', { kind: item.kind, id: item.id, error: String(error) });
    }
  }
  return { looked_at: due.length, failed };
}

function handle(item: DueItem, store: SweepStore): Promise<void> {
  switch (item.kind) {
    case 'task':
      return store.resendTask(item.tenant, item.id);
    case 'waiting':
      return store.offerPlace(item.tenant, item.id);
    case 'approval':
      return store.wakeApproval(item.tenant, item.id);
    case 'run':
      return store.checkRun(item.tenant, item.id);
  }
}
