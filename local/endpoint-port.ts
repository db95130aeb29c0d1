import type { Database } from './kernel/database.ts';

/**
 * The port at which a state folder's endpoint was before, or 0. It must stay the same: queue URLs
 * have it in them, and published function versions have queue URLs in their environment.
 */
export function rememberedPort(database: Database): number {
  database.define(
    'CREATE TABLE IF NOT EXISTS endpoint_port (id INTEGER PRIMARY KEY CHECK (id = 1), port INTEGER NOT NULL)',
  );
  return database.get<{ port: number }>('SELECT port FROM endpoint_port')?.port ?? 0;
}

/** Keeps the port of an endpoint's URL for the next start. */
export function rememberPort(database: Database, endpoint: string): void {
  database.run(
    'INSERT OR REPLACE INTO endpoint_port VALUES (1, ?)',
    Number(new URL(endpoint).port),
  );
}
