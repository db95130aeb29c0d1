import type { Cloud } from '#local/kernel/cloud.ts';

/** What a configuration set tells the default event bus. */
export interface EventDestination {
  readonly ref: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Such as `SEND`. */
  readonly types: readonly string[];
}

export interface ConfigurationSet {
  readonly name: string;
  readonly sendingEnabled: boolean;
}

/** The configuration sets and their event destinations. */
export class ConfigurationSetStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS ses_configuration_sets (
        name TEXT PRIMARY KEY, sending_enabled INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS ses_event_destinations (
        ref TEXT PRIMARY KEY, configuration_set TEXT NOT NULL, name TEXT NOT NULL,
        enabled INTEGER NOT NULL, types TEXT NOT NULL);`);
  }

  declare({ name, sendingEnabled }: ConfigurationSet): void {
    this.#cloud.database.run(
      `INSERT INTO ses_configuration_sets VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET sending_enabled = excluded.sending_enabled`,
      name,
      sendingEnabled ? 1 : 0,
    );
  }

  remove(name: string): void {
    this.#cloud.database.run('DELETE FROM ses_configuration_sets WHERE name = ?', name);
  }

  find(name: string): ConfigurationSet | undefined {
    const row = this.#cloud.database.get<{ sending_enabled: number }>(
      'SELECT sending_enabled FROM ses_configuration_sets WHERE name = ?',
      name,
    );
    return row && { name, sendingEnabled: row.sending_enabled === 1 };
  }

  declareDestination(configurationSet: string, destination: EventDestination): void {
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO ses_event_destinations VALUES (?, ?, ?, ?, ?)',
      destination.ref,
      configurationSet,
      destination.name,
      destination.enabled ? 1 : 0,
      JSON.stringify(destination.types),
    );
  }

  removeDestination(ref: string): void {
    this.#cloud.database.run('DELETE FROM ses_event_destinations WHERE ref = ?', ref);
  }

  /** Tells whether events of a type, such as `SEND`, go to the event bus. */
  publishes(configurationSet: string, type: string): boolean {
    return this.#cloud.database
      .all<{ types: string }>(
        'SELECT types FROM ses_event_destinations WHERE configuration_set = ? AND enabled = 1',
        configurationSet,
      )
      .some(({ types }) => (JSON.parse(types) as string[]).includes(type));
  }

  arn(name: string): string {
    return this.#cloud.arn('ses', `configuration-set/${name}`);
  }
}
