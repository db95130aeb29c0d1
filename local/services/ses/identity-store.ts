import type { Cloud } from '#local/kernel/cloud.ts';
import type { MailAddress } from './mail-address.ts';

/** An address or a domain from which may be sent. Every identity here counts as verified. */
export interface Identity {
  readonly name: string;
  /** Used where a mail names none. */
  readonly configuration_set: string | null;
}

/** The e-mail identities. */
export class IdentityStore {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS ses_identities (
      name TEXT PRIMARY KEY COLLATE NOCASE, configuration_set TEXT)`);
  }

  declare(name: string, configurationSet: string | undefined): void {
    this.#cloud.database.run(
      `INSERT INTO ses_identities VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET configuration_set = excluded.configuration_set`,
      name,
      configurationSet ?? null,
    );
  }

  remove(name: string): void {
    this.#cloud.database.run('DELETE FROM ses_identities WHERE name = ?', name);
  }

  find(name: string): Identity | undefined {
    return this.#cloud.database.get<Identity>('SELECT * FROM ses_identities WHERE name = ?', name);
  }

  /** The names of the identities in their order, from the first after `after`. */
  names(after: string, limit: number): string[] {
    return this.#cloud.database
      .all<{ name: string }>(
        'SELECT name FROM ses_identities WHERE name > ? ORDER BY name LIMIT ?',
        after,
        limit,
      )
      .map(({ name }) => name);
  }

  /** The identity that vouches for an address: itself, its domain, or a domain above that. */
  behind({ address, domain }: MailAddress): Identity | undefined {
    const labels = domain.split('.');
    const domains = labels.map((_, index) => labels.slice(index).join('.'));
    for (const name of [address, ...domains]) {
      const identity = this.find(name);
      if (identity) return identity;
    }
    return undefined;
  }

  arn(name: string): string {
    return this.#cloud.arn('ses', `identity/${name}`);
  }
}
