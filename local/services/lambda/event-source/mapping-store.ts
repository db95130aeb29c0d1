import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';

/** What an event source mapping consists of. */
export interface MappingSettings {
  readonly queueArn: string;
  readonly functionName: string;
  /** A version or alias. */
  readonly qualifier?: string;
  /** Messages that one event holds at most. */
  readonly batchSize: number;
  /** How long to wait for more messages after the first, in seconds. */
  readonly windowSeconds: number;
  /** Whether the function's answer names the messages that failed. */
  readonly reportsFailures: boolean;
  /** Events at once at most. */
  readonly maximumConcurrency?: number;
  readonly enabled: boolean;
}

/** A queue whose messages a function is given. */
export interface Mapping extends MappingSettings {
  readonly uuid: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

interface Row {
  readonly uuid: string;
  readonly settings: string;
  readonly modified: number;
}

/** The event source mappings of the template. */
export class MappingStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS lambda_event_source (
      uuid TEXT PRIMARY KEY, resource TEXT NOT NULL UNIQUE, settings TEXT NOT NULL,
      modified INTEGER NOT NULL)`);
  }

  /** Makes the mapping of a resource, or brings it up to date: it keeps its UUID. */
  put(resource: string, settings: MappingSettings): Mapping {
    this.#cloud.database.run(
      `INSERT INTO lambda_event_source (uuid, resource, settings, modified) VALUES (?, ?, ?, ?)
       ON CONFLICT (resource) DO UPDATE SET settings = excluded.settings,
         modified = excluded.modified WHERE settings <> excluded.settings`,
      randomUUID(),
      resource,
      JSON.stringify(settings),
      this.#cloud.now(),
    );
    const row = this.#cloud.database.get<Row>(
      'SELECT * FROM lambda_event_source WHERE resource = ?',
      resource,
    );
    return mappingOf(row as Row);
  }

  /** @throws AwsError ResourceNotFoundException */
  get(uuid: string): Mapping {
    const row = this.#cloud.database.get<Row>(
      'SELECT * FROM lambda_event_source WHERE uuid = ?',
      uuid,
    );
    if (row) return mappingOf(row);
    const message = 'The resource you requested does not exist.';
    throw new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
  }

  all(): Mapping[] {
    return this.#cloud.database
      .all<Row>('SELECT * FROM lambda_event_source ORDER BY uuid')
      .map(mappingOf);
  }

  remove(uuid: string): void {
    this.#cloud.database.run('DELETE FROM lambda_event_source WHERE uuid = ?', uuid);
  }
}

const mappingOf = ({ uuid, settings, modified }: Row): Mapping => ({
  ...(JSON.parse(settings) as MappingSettings),
  uuid,
  modifiedAt: modified,
});
