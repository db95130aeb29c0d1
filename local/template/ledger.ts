import type { Cloud } from '#local/kernel/cloud.ts';
import type { TemplateResource } from './assembly.ts';

/** A resource that an earlier load made and the present one has not. */
export interface Leftover {
  readonly id: string;
  readonly type: string;
  readonly ref: string;
  /** True when its deletion policy keeps it. */
  readonly kept: boolean;
}

/** The part of a URL that changes from start to start; it does not make another resource. */
const ENDPOINT = /^http:\/\/127\.0\.0\.1:\d+/;
const withoutEndpoint = (ref: string): string => ref.replace(ENDPOINT, '');

/**
 * Which resources were made, in SQLite, written as each is made: what a load that dies half way has
 * made is not forgotten.
 */
export class Ledger {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS template_resources (
      id TEXT PRIMARY KEY, type TEXT NOT NULL, ref TEXT NOT NULL, kept INTEGER NOT NULL)`);
  }

  /**
   * Writes a resource down. One of another type or ref under the same id has been replaced: it
   * becomes a leftover of its own.
   *
   * @param id `<stack>/<logical id>`
   */
  record(id: string, { Type: type, ...policies }: TemplateResource, ref: string): void {
    const { database } = this.#cloud;
    database.transaction(() => {
      const before = database.get<{ type: string; ref: string }>(
        'SELECT type, ref FROM template_resources WHERE id = ?',
        id,
      );
      const isSame = before?.type === type && withoutEndpoint(before.ref) === withoutEndpoint(ref);
      if (before && !isSame) {
        this.#write(`${id} before ${ref}`, before.type, before.ref, policies.UpdateReplacePolicy);
      }
      this.#write(id, type, ref, policies.DeletionPolicy);
    });
  }

  /** What is written down and not among `made`, the youngest first. */
  leftovers(made: ReadonlySet<string>): Leftover[] {
    return this.#cloud.database
      .all<Omit<Leftover, 'kept'> & { kept: number }>(
        'SELECT * FROM template_resources ORDER BY rowid DESC',
      )
      .filter(({ id }) => !made.has(id))
      .map((row) => ({
        ...row,
        ref: row.ref.replace(ENDPOINT, this.#cloud.endpoint),
        kept: row.kept === 1,
      }));
  }

  forget(id: string): void {
    this.#cloud.database.run('DELETE FROM template_resources WHERE id = ?', id);
  }

  #write(id: string, type: string, ref: string, policy: string | undefined): void {
    this.#cloud.database.run(
      'INSERT OR REPLACE INTO template_resources VALUES (?, ?, ?, ?)',
      id,
      type,
      ref,
      policy?.startsWith('Retain') ? 1 : 0,
    );
  }
}
