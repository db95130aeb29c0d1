import { createHash } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';
import { clientFault } from './ecs-error.ts';

/** A task definition with its one container. */
export interface TaskDefinition {
  readonly cpu: string;
  readonly memory: string;
  readonly executionRoleArn: string | undefined;
  readonly container: {
    readonly name: string;
    readonly image: string;
    /** The folder that the image is built from. */
    readonly folder: string;
    readonly command: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    /** Seconds between SIGTERM and SIGKILL on AWS. */
    readonly stopTimeout: number;
    readonly log: { readonly group: string; readonly prefix: string } | undefined;
  };
}

/** One revision of a family. */
export interface Revision {
  readonly family: string;
  readonly revision: number;
  readonly definition: TaskDefinition;
}

interface Row {
  readonly revision: number;
  readonly definition: string;
}

/** Task definitions: a changed definition is a new revision, older ones stay. */
export class TaskDefinitionStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS ecs_task_definitions (
      family TEXT, revision INTEGER, digest TEXT NOT NULL, definition TEXT NOT NULL,
      active INTEGER NOT NULL, PRIMARY KEY (family, revision))`);
  }

  arn({ family, revision }: Pick<Revision, 'family' | 'revision'>): string {
    return this.#cloud.arn('ecs', `task-definition/${family}:${revision}`);
  }

  /** Registers a revision, unless the latest one is the same. @returns its ARN */
  put(family: string, definition: TaskDefinition): string {
    const { database } = this.#cloud;
    const json = JSON.stringify(definition);
    const digest = createHash('sha256').update(json).digest('hex');
    const latest = database.get<{ revision: number; digest: string; active: number }>(
      `SELECT revision, digest, active FROM ecs_task_definitions WHERE family = ?
       ORDER BY revision DESC LIMIT 1`,
      family,
    );
    if (latest?.digest === digest && latest.active === 1) {
      return this.arn({ family, revision: latest.revision });
    }
    const revision = (latest?.revision ?? 0) + 1;
    database.transaction(() => {
      database.run('UPDATE ecs_task_definitions SET active = 0 WHERE family = ?', family);
      database.run(
        'INSERT INTO ecs_task_definitions VALUES (?, ?, ?, ?, 1)',
        family,
        revision,
        digest,
        json,
      );
    });
    return this.arn({ family, revision });
  }

  /** Nothing starts from it any more. */
  deactivate(arn: string): void {
    const { family, revision } = this.#parse(arn);
    this.#cloud.database.run(
      'UPDATE ecs_task_definitions SET active = 0 WHERE family = ? AND revision = ?',
      family,
      revision ?? 0,
    );
  }

  /**
   * @param reference an ARN, `family:revision`, or a family, which means its latest active revision
   * @throws AwsError ClientException when there is no such active revision
   */
  find(reference: string | undefined): Revision {
    const { family, revision } = this.#parse(reference ?? '');
    const row = this.#cloud.database.get<Row>(
      `SELECT revision, definition FROM ecs_task_definitions
       WHERE family = ? AND revision = coalesce(?, revision) AND active = 1
       ORDER BY revision DESC LIMIT 1`,
      family,
      revision ?? null,
    );
    if (!row) throw clientFault('TaskDefinition not found.');
    return asRevision(family, row);
  }

  /** Any revision that was ever registered, also an inactive one. */
  get(family: string, revision: number): Revision {
    const row = this.#cloud.database.get<Row>(
      'SELECT revision, definition FROM ecs_task_definitions WHERE family = ? AND revision = ?',
      family,
      revision,
    );
    if (!row) throw clientFault('TaskDefinition not found.');
    return asRevision(family, row);
  }

  #parse(reference: string): { family: string; revision: number | undefined } {
    const prefix = this.#cloud.arn('ecs', 'task-definition/');
    const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : reference;
    const [, family = name, revision] = /^(.+):(\d+)$/.exec(name) ?? [];
    return { family, revision: revision === undefined ? undefined : Number(revision) };
  }
}

const asRevision = (family: string, { revision, definition }: Row): Revision => ({
  family,
  revision,
  definition: JSON.parse(definition) as TaskDefinition,
});
