import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';

export const DEFAULT_BUS = 'default';

/** The event buses; `default` is always there. */
export class BusStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define('CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY)');
    this.declare(DEFAULT_BUS);
  }

  declare(name: string): void {
    this.#cloud.database.run('INSERT OR IGNORE INTO events_buses VALUES (?)', name);
  }

  remove(name: string): void {
    this.#cloud.database.run('DELETE FROM events_buses WHERE name = ?', name);
  }

  has(name: string): boolean {
    return (
      this.#cloud.database.get('SELECT 1 FROM events_buses WHERE name = ?', name) !== undefined
    );
  }

  arn(name: string): string {
    return this.#cloud.arn('events', `event-bus/${name}`);
  }

  /** The name in a bus's name or ARN; the default bus when there is none. */
  nameOf(nameOrArn: string | undefined): string {
    if (!nameOrArn) return DEFAULT_BUS;
    return nameOrArn.startsWith('arn:') ? (nameOrArn.split('/').at(-1) ?? '') : nameOrArn;
  }

  /** @throws AwsError ResourceNotFoundException */
  named(nameOrArn: string | undefined): string {
    const name = this.nameOf(nameOrArn);
    if (this.has(name)) return name;
    throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
  }
}
