import type { Database } from '#local/kernel/database.ts';

interface Group {
  readonly key: string;
  inFlight: number;
  /** Its oldest visible message that has not been taken yet. */
  next: number | null;
}

/**
 * The visible messages of a queue in the order in which they are handed out: the group with the
 * fewest messages in flight first, then the oldest message. A group with much in flight therefore
 * does not hold up the quiet ones. Each message without a group counts as a group of its own.
 */
export function* fairOrder(database: Database, queue: string): Generator<number> {
  const groups = readyGroups(database, queue);
  while (groups.length > 0) {
    const group = groups.reduce(fairest);
    if (group.next === null) return;
    yield group.next;
    if (group.key !== '') group.inFlight += 1;
    group.next = oldestAfter(database, queue, group.key, group.next);
    if (group.next === null) groups.splice(groups.indexOf(group), 1);
  }
}

/** Messages received and neither deleted nor visible again. */
export function inFlightCount(database: Database, queue: string): number {
  const row = database.get<{ count: number }>(
    'SELECT COUNT(*) AS count FROM sqs_messages WHERE queue = ? AND hidden = 1 AND receipt IS NOT NULL',
    queue,
  );
  return row?.count ?? 0;
}

function fairest(best: Group, group: Group): Group {
  if (group.inFlight !== best.inFlight) return group.inFlight < best.inFlight ? group : best;
  return (group.next ?? Infinity) < (best.next ?? Infinity) ? group : best;
}

/** Skips from group to group in the index, so that a long backlog of one group costs nothing. */
function readyGroups(database: Database, queue: string): Group[] {
  const keys = database.all<{ key: string }>(
    `WITH RECURSIVE found (key) AS (
       SELECT MIN(group_key) FROM sqs_messages WHERE queue = ?1 AND hidden = 0
       UNION ALL
       SELECT (SELECT MIN(group_key) FROM sqs_messages
               WHERE queue = ?1 AND hidden = 0 AND group_key > found.key)
       FROM found WHERE found.key IS NOT NULL)
     SELECT key FROM found WHERE key IS NOT NULL`,
    queue,
  );
  const busy = keys.length > 1 ? inFlightByGroup(database, queue) : new Map<string, number>();
  return keys.map(({ key }) => ({
    key,
    inFlight: key === '' ? 0 : (busy.get(key) ?? 0),
    next: oldestAfter(database, queue, key, 0),
  }));
}

function inFlightByGroup(database: Database, queue: string): Map<string, number> {
  const rows = database.all<{ key: string; count: number }>(
    `SELECT group_key AS key, COUNT(*) AS count FROM sqs_messages
     WHERE queue = ? AND hidden = 1 AND receipt IS NOT NULL GROUP BY group_key`,
    queue,
  );
  return new Map(rows.map(({ key, count }) => [key, count]));
}

function oldestAfter(database: Database, queue: string, key: string, seq: number): number | null {
  const row = database.get<{ seq: number | null }>(
    `SELECT MIN(seq) AS seq FROM sqs_messages
     WHERE queue = ? AND hidden = 0 AND group_key = ? AND seq > ?`,
    queue,
    key,
    seq,
  );
  return row?.seq ?? null;
}
