import { createHash } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { StateMachineDefinition } from '#local/workflow/definition.ts';
import { machineArn, type MachineReference } from './arn.ts';

/** What an execution runs: a definition under a role. */
export interface Revision {
  readonly digest: string;
  readonly roleArn: string;
}

export interface Machine extends Revision {
  readonly name: string;
  readonly revision: string;
  readonly description: string | null;
  readonly logging: string | null;
  readonly tracing: string | null;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly updated: number;
}

export interface Version extends Revision {
  readonly machine: string;
  readonly number: number;
  readonly revision: string;
  readonly description: string | null;
  readonly created: number;
}

export interface Route {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

export interface Alias {
  readonly machine: string;
  readonly name: string;
  readonly description: string | null;
  readonly routes: readonly Route[];
  readonly created: number;
  readonly updated: number;
}

const COLUMNS =
  'name, digest, role_arn AS roleArn, revision, description, logging, tracing, created, updated';
const VERSION_COLUMNS =
  'machine, number, digest, role_arn AS roleArn, revision, description, created';

/** State machines with their versions and aliases; definitions are kept once per content. */
export class MachineStore {
  readonly #cloud: Cloud;
  readonly #parsed = new Map<string, StateMachineDefinition>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`
      CREATE TABLE IF NOT EXISTS states_definitions (digest TEXT PRIMARY KEY, definition TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS states_machines (
        name TEXT PRIMARY KEY, digest TEXT NOT NULL, role_arn TEXT NOT NULL, revision TEXT NOT NULL,
        description TEXT, logging TEXT, tracing TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS states_versions (
        machine TEXT, number INTEGER, digest TEXT NOT NULL, role_arn TEXT NOT NULL, revision TEXT NOT NULL,
        description TEXT, created INTEGER NOT NULL, PRIMARY KEY (machine, number));
      CREATE TABLE IF NOT EXISTS states_version_numbers (machine TEXT PRIMARY KEY, last INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS states_aliases (
        machine TEXT, name TEXT, description TEXT, routes TEXT NOT NULL, created INTEGER NOT NULL,
        updated INTEGER NOT NULL, PRIMARY KEY (machine, name));`);
  }

  /** Makes a state machine, or brings it up to date; running executions keep their definition. */
  declare(machine: {
    name: string;
    definition: string;
    roleArn: string;
    description?: string;
    logging?: string;
    tracing?: string;
  }): Machine {
    const {
      name,
      definition,
      roleArn,
      description = null,
      logging = null,
      tracing = null,
    } = machine;
    const digest = createHash('sha256').update(definition).digest('hex');
    const revision = revisionOf(digest, roleArn);
    const now = this.#cloud.now();
    const { database } = this.#cloud;
    database.transaction(() => {
      database.run('INSERT OR IGNORE INTO states_definitions VALUES (?, ?)', digest, definition);
      database.run(
        `INSERT INTO states_machines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, role_arn = excluded.role_arn,
           updated = CASE WHEN revision = excluded.revision THEN updated ELSE excluded.updated END,
           revision = excluded.revision, description = excluded.description,
           logging = excluded.logging, tracing = excluded.tracing`,
        name,
        digest,
        roleArn,
        revision,
        description,
        logging,
        tracing,
        now,
        now,
      );
    });
    return this.get({ name });
  }

  /** @throws AwsError `StateMachineDoesNotExist` */
  get({ name }: MachineReference): Machine {
    const machine = this.#cloud.database.get<Machine>(
      `SELECT ${COLUMNS} FROM states_machines WHERE name = ?`,
      name,
    );
    if (!machine) throw noMachine(machineArn(this.#cloud, name));
    return machine;
  }

  list(): Machine[] {
    return this.#cloud.database.all<Machine>(
      `SELECT ${COLUMNS} FROM states_machines ORDER BY name`,
    );
  }

  remove(name: string): void {
    const { database } = this.#cloud;
    database.transaction(() => {
      database.run('DELETE FROM states_machines WHERE name = ?', name);
      database.run('DELETE FROM states_versions WHERE machine = ?', name);
      database.run('DELETE FROM states_aliases WHERE machine = ?', name);
    });
  }

  /** Publishes the present revision; one that was published last already keeps its number. */
  publish(name: string, description?: string): Version {
    const machine = this.get({ name });
    const { database } = this.#cloud;
    return database.transaction(() => {
      const last = this.versions(name)[0];
      if (last?.revision === machine.revision) return last;
      // Numbers are never used again, also not after a version was deleted.
      database.run(
        'INSERT INTO states_version_numbers VALUES (?, 1) ON CONFLICT (machine) DO UPDATE SET last = last + 1',
        name,
      );
      database.run(
        `INSERT INTO states_versions SELECT ?, last, ?, ?, ?, ?, ? FROM states_version_numbers WHERE machine = ?`,
        name,
        machine.digest,
        machine.roleArn,
        machine.revision,
        description ?? null,
        this.#cloud.now(),
        name,
      );
      return this.versions(name)[0] as Version;
    });
  }

  /** The versions of a state machine, the newest first. */
  versions(name: string): Version[] {
    return this.#cloud.database.all<Version>(
      `SELECT ${VERSION_COLUMNS} FROM states_versions WHERE machine = ? ORDER BY number DESC`,
      name,
    );
  }

  version(name: string, number: number): Version | undefined {
    return this.#cloud.database.get<Version>(
      `SELECT ${VERSION_COLUMNS} FROM states_versions WHERE machine = ? AND number = ?`,
      name,
      number,
    );
  }

  removeVersion(name: string, number: number): void {
    this.#cloud.database.run(
      'DELETE FROM states_versions WHERE machine = ? AND number = ?',
      name,
      number,
    );
  }

  declareAlias(alias: {
    machine: string;
    name: string;
    description?: string;
    routes: readonly Route[];
  }): void {
    const now = this.#cloud.now();
    this.#cloud.database.run(
      `INSERT INTO states_aliases VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (machine, name) DO UPDATE SET description = excluded.description,
         updated = CASE WHEN routes = excluded.routes THEN updated ELSE excluded.updated END,
         routes = excluded.routes`,
      alias.machine,
      alias.name,
      alias.description ?? null,
      JSON.stringify(alias.routes),
      now,
      now,
    );
  }

  alias(machine: string, name: string): Alias | undefined {
    return this.aliases(machine).find((alias) => alias.name === name);
  }

  aliases(machine: string): Alias[] {
    return this.#cloud.database
      .all<Omit<Alias, 'routes'> & { routes: string }>(
        'SELECT * FROM states_aliases WHERE machine = ? ORDER BY name',
        machine,
      )
      .map((row) => ({ ...row, routes: JSON.parse(row.routes) as Route[] }));
  }

  removeAlias(machine: string, name: string): void {
    this.#cloud.database.run(
      'DELETE FROM states_aliases WHERE machine = ? AND name = ?',
      machine,
      name,
    );
  }

  /** The text of a definition. */
  text(digest: string): string {
    const row = this.#cloud.database.get<{ definition: string }>(
      'SELECT definition FROM states_definitions WHERE digest = ?',
      digest,
    );
    return row?.definition ?? '{}';
  }

  /** A definition, parsed once. */
  definition(digest: string): StateMachineDefinition {
    const known = this.#parsed.get(digest);
    if (known) return known;
    const definition = JSON.parse(this.text(digest)) as StateMachineDefinition;
    this.#parsed.set(digest, definition);
    return definition;
  }
}

/** The error for a state machine, version or alias that is not there. */
export const noMachine = (arn: string): AwsError =>
  new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

/** The same for the same definition and role, in the form of AWS's revision ids. */
function revisionOf(digest: string, roleArn: string): string {
  const hex = createHash('sha256').update(`${digest} ${roleArn}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
}
