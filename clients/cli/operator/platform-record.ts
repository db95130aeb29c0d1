import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { addressesPath } from '../api/connection.ts';
import { endProcess, isAlive, ProcessIdentity } from './process-identity.ts';
import { readState, writeState } from './state-folder.ts';

/** What was started with a state folder, so that exactly that can be told from others and stopped. */
const PlatformRecord = z.object({
  cloud: ProcessIdentity,
  model: z.nullable(ProcessIdentity),
  endpoint: z.string(),
  model_url: z.string(),
  model_name: z.string(),
});
export type PlatformRecord = z.infer<typeof PlatformRecord>;

/** The cloud gets this long to write down where it stands; then it is made to end. */
const GRACE_MS = 5000;

const recordPath = (state: string): string => join(state, 'platform.json');

export const keepRecord = (state: string, record: PlatformRecord): void =>
  writeState(recordPath(state), record);

/** The platform of a state folder, when its process lives; undefined also after a crash. */
export function runningPlatform(state: string): PlatformRecord | undefined {
  const record = readState(recordPath(state), PlatformRecord);
  return record && isAlive(record.cloud) ? record : undefined;
}

/**
 * Stops what was started with a state folder, and nothing else. The state stays.
 *
 * @returns false when nothing ran
 */
export async function stopPlatform(state: string): Promise<boolean> {
  const record = readState(recordPath(state), PlatformRecord);
  if (!record) return false;
  const wasThere = await endProcess(record.cloud, GRACE_MS);
  if (record.model) await endProcess(record.model, GRACE_MS);
  rmSync(recordPath(state), { force: true });
  rmSync(addressesPath(state), { force: true });
  return wasThere;
}
