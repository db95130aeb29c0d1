import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud, Credentials } from '#local/kernel/cloud.ts';
import type { Database } from '#local/kernel/database.ts';
import type { Principal } from '#local/kernel/service.ts';

/** Long-term keys of the account's root. */
export interface RootCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A role session that credentials are made for. */
export interface Session {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Tags that sessions made from this one inherit. */
  readonly transitiveTagKeys: readonly string[];
  readonly seconds: number;
}

/** What the store knows of an access key. */
export interface KnownCredentials {
  readonly secretAccessKey: string;
  /** Undefined for root. */
  readonly sessionToken: string | undefined;
  readonly principal: Principal;
  readonly transitiveTagKeys: readonly string[];
  /** True when its time is over or an earlier generation of the local cloud made it. */
  readonly expired: boolean;
}

interface SessionRow {
  readonly secret: string;
  readonly token: string;
  readonly role_arn: string;
  readonly session_name: string;
  readonly tags: string;
  readonly transitive: string;
  readonly expires: number;
  readonly generation: number;
}

/** How long the row of an expired session is kept, so that its use is called expired and not unknown. */
const KEPT_AFTER_EXPIRY_MS = 24 * 60 * 60 * 1000;

/**
 * The access keys of the account. Sessions live in SQLite; they end with the generation that issued
 * them, so that what an earlier supervisor started can do nothing any more.
 */
export class CredentialStore {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #generation: number;
  readonly #roots = new Map<string, RootCredentials>();

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    defineGenerations(database);
    database.define(`CREATE TABLE IF NOT EXISTS iam_sessions (
      access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, token TEXT NOT NULL,
      role_arn TEXT NOT NULL, session_name TEXT NOT NULL, tags TEXT NOT NULL,
      transitive TEXT NOT NULL, expires INTEGER NOT NULL, generation INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS iam_sessions_by_expiry ON iam_sessions (expires)`);
    this.#generation = presentGeneration(database);
    database.run('DELETE FROM iam_sessions WHERE expires < ?', now() - KEPT_AFTER_EXPIRY_MS);
  }

  /** Accepts keys as the account's root. */
  addRoot(credentials: RootCredentials): void {
    this.#roots.set(credentials.accessKeyId, credentials);
  }

  /** Makes temporary credentials; durable when it returns or with the transaction around it. */
  issue(session: Session): Credentials {
    const credentials = {
      accessKeyId: keyId('ASIA'),
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(96).toString('base64'),
      // Whole seconds, as the wire has them.
      expiration: new Date(Math.floor(this.#now() / 1000 + session.seconds) * 1000),
    };
    this.#database.run(
      'INSERT INTO iam_sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      credentials.accessKeyId,
      credentials.secretAccessKey,
      credentials.sessionToken,
      session.roleArn,
      session.sessionName,
      JSON.stringify(session.tags),
      JSON.stringify(session.transitiveTagKeys),
      credentials.expiration.getTime(),
      this.#generation,
    );
    return credentials;
  }

  find(accessKeyId: string): KnownCredentials | undefined {
    const root = this.#roots.get(accessKeyId);
    if (root) {
      return {
        secretAccessKey: root.secretAccessKey,
        sessionToken: undefined,
        principal: { kind: 'root' },
        transitiveTagKeys: [],
        expired: false,
      };
    }
    const row = this.#database.get<SessionRow>(
      'SELECT * FROM iam_sessions WHERE access_key_id = ?',
      accessKeyId,
    );
    return row && this.#known(row);
  }

  /** The tag keys that sessions of a role, made by a caller in this session, inherit. */
  transitiveTagKeys(roleArn: string, sessionName: string): readonly string[] {
    const row = this.#database.get<{ transitive: string }>(
      `SELECT transitive FROM iam_sessions WHERE role_arn = ? AND session_name = ? AND generation = ?
       ORDER BY expires DESC LIMIT 1`,
      roleArn,
      sessionName,
      this.#generation,
    );
    return row ? (JSON.parse(row.transitive) as string[]) : [];
  }

  #known(row: SessionRow): KnownCredentials {
    return {
      secretAccessKey: row.secret,
      sessionToken: row.token,
      principal: {
        kind: 'role',
        roleArn: row.role_arn,
        sessionName: row.session_name,
        tags: JSON.parse(row.tags) as Record<string, string>,
      },
      transitiveTagKeys: JSON.parse(row.transitive) as string[],
      expired: row.expires <= this.#now() || row.generation !== this.#generation,
    };
  }
}

const stores = new WeakMap<Cloud, CredentialStore>();

/** The one credential store of a cloud. */
export function credentialStore(cloud: Cloud): CredentialStore {
  let store = stores.get(cloud);
  if (!store) {
    store = new CredentialStore(cloud.database, () => cloud.now());
    stores.set(cloud, store);
  }
  return store;
}

/**
 * Begins a generation of the local cloud: from here on, sessions of earlier ones are expired. Called
 * once a start, before the credential store is used.
 *
 * @returns its number, from 1
 */
export function beginGeneration(database: Database, pid: number, now: number): number {
  defineGenerations(database);
  return database.run('INSERT INTO iam_generations (pid, started) VALUES (?, ?)', pid, now)
    .lastInsertRowid;
}

function defineGenerations(database: Database): void {
  database.define(`CREATE TABLE IF NOT EXISTS iam_generations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL, started INTEGER NOT NULL)`);
}

function presentGeneration(database: Database): number {
  const row = database.get<{ number: number | null }>(
    'SELECT MAX(number) AS number FROM iam_generations',
  );
  return row?.number ?? 0;
}

/** Root's keys from `<stateFolder>/credentials.json` (mode 0600), made at the first start. */
export function rootCredentials(stateFolder: string): RootCredentials {
  const path = join(stateFolder, 'credentials.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RootCredentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const credentials = {
    accessKeyId: keyId('AKIA'),
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  return credentials;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A prefix and 16 characters of base 32, as AWS's unique ids have them. */
export function keyId(prefix: string): string {
  return prefix + [...randomBytes(16)].map((byte) => ALPHABET[byte % 32]).join('');
}
