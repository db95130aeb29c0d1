import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { UsageError, type Typed } from '../command.ts';
import type { Terminal } from '../screen/terminal.ts';

/** What `mirai up` writes down for the other commands. */
export const Addresses = z.looseObject({
  /** Base address of the HTTPS API, without a slash at its end. */
  api: z.string(),
  /** Address of the local cloud itself. */
  endpoint: z.string(),
});
export type Addresses = z.infer<typeof Addresses>;

const KeyFile = z.looseObject({ tenant: z.string(), role: z.string(), api_key: z.string() });
type KeyFile = z.infer<typeof KeyFile>;

/** Where the API is and with which key to speak to it. */
export interface Connection {
  readonly url: string;
  readonly apiKey: string;
}

/** The platform is not there; says what to do. */
export class NotRunning extends Error {
  constructor() {
    super('the platform is not running: mirai up');
    this.name = 'NotRunning';
  }
}

/** The file that holds the addresses of a platform that was started with this state folder. */
export const addressesPath = (state: string): string => join(state, 'addresses.json');
export const keysFolder = (state: string): string => join(state, 'keys');

/**
 * The connection that the flags and the environment name. MIRAI_URL and MIRAI_API_KEY go before the
 * state folder; without a tenant it is the first one that `mirai up` made.
 *
 * @param role whose key is taken when `--as` is not given
 * @throws NotRunning, UsageError
 */
export function findConnection(terminal: Terminal, typed: Typed, role: string): Connection {
  const { env, state } = terminal;
  const url = env['MIRAI_URL'] ?? readAddresses(state)?.api;
  if (url === undefined) throw new NotRunning();
  const apiKey = env['MIRAI_API_KEY'] ?? findKey(state, typed, role).api_key;
  return { url: url.replace(/\/+$/, ''), apiKey };
}

/** The addresses in a state folder, or undefined when nothing was started with it. */
export function readAddresses(state: string): Addresses | undefined {
  const path = addressesPath(state);
  if (!existsSync(path)) return undefined;
  return Addresses.parse(JSON.parse(readFileSync(path, 'utf8')));
}

function findKey(state: string, typed: Typed, otherwise: string): KeyFile {
  const keys = readKeys(state);
  const [first] = keys;
  if (!first) throw new NotRunning();
  const tenant = typed.text('tenant') ?? first.tenant;
  const role = typed.text('as') ?? otherwise;
  const key = keys.find((one) => one.tenant === tenant && one.role === role);
  if (key) return key;
  const names = keys.map((one) => `--tenant ${one.tenant} --as ${one.role}`).join(', ');
  throw new UsageError(`There is no key of ${tenant}’s ${role}. There are: ${names}.`);
}

/** The keys of a state folder by tenant and role; tenants in the order of their names. */
export function readKeys(state: string): KeyFile[] {
  const folder = keysFolder(state);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => KeyFile.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}
