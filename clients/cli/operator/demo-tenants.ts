import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod/mini';
import { keysFolder } from '../api/connection.ts';
import type { OperatorSession } from './operator-session.ts';
import { writeState } from './state-folder.ts';

/** The tenants that a fresh platform has; reserved names, so that no real mail can be meant. */
const DEMO_TENANTS = [
  { tenant: 'acme', name: 'Acme', contacts: contactsAt('acme.example') },
  { tenant: 'globex', name: 'Globex', contacts: contactsAt('globex.example') },
] as const;

const PRINCIPALS = [
  { principal: 'user:olivia', role: 'owner' },
  { principal: 'user:amir', role: 'approver' },
] as const;

const CONCURRENT_RUNS = 25;

const Provisioned = z.object({
  tenant: z.string(),
  keys: z.array(
    z.object({ principal: z.string(), role: z.string(), key_id: z.string(), api_key: z.string() }),
  ),
});

function contactsAt(domain: string): Record<string, string> {
  return Object.fromEntries(
    ['finance', 'sales', 'support'].map((name) => [name, `${name}@${domain}`]),
  );
}

const keyPath = (state: string, tenant: string, role: string): string =>
  join(keysFolder(state), `${tenant}-${role}.json`);

/** True when every key of the demo's tenants is in the state folder. */
export const haveKeys = (state: string): boolean =>
  DEMO_TENANTS.every(({ tenant }) =>
    PRINCIPALS.every(({ role }) => existsSync(keyPath(state, tenant, role))),
  );

/**
 * Makes the demo's tenants and keeps their keys, each in a file that only its owner may read.
 *
 * @param functionName name or ARN of the function that provisions tenants
 * @throws Error when a tenant is there already and its keys, which are shown only once, are not
 */
export async function provisionTenants(
  state: string,
  session: OperatorSession,
  functionName: string,
): Promise<void> {
  const lambda = new LambdaClient({ ...session });
  for (const { tenant, name, contacts } of DEMO_TENANTS) {
    const input = {
      tenant,
      name,
      contacts,
      keys: PRINCIPALS,
      limits: { concurrent_runs: CONCURRENT_RUNS },
    };
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(input) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError) throw new Error(`The tenant ${tenant} was not made: ${text}`);
    const { keys } = Provisioned.parse(JSON.parse(text));
    for (const key of keys) writeState(keyPath(state, tenant, key.role), { tenant, ...key });
    const lost = PRINCIPALS.find(({ role }) => !existsSync(keyPath(state, tenant, role)));
    if (lost)
      throw new Error(
        `The tenant ${tenant} is there, but the key of its ${lost.role} is not, and it is shown only once. To begin anew: mirai down && rm -r ${state}`,
      );
  }
}
