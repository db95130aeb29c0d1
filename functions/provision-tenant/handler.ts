import { randomBytes } from 'node:crypto';
import { keys } from '#shared/adapters/aws-dynamodb/keys.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { randomIds, systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input, Output } from './contract.ts';
import { provisionTenant } from './provision-tenant.ts';

const env = loadEnv(Env);

export const handler = wrapState({ input: Input, output: Output }, (input) => {
  const table = new TenantTable(env, input.tenant);
  return provisionTenant(input, {
    async create(tenant, policyYaml, apiKeys) {
      const conflicts = await table.transact([
        {
          put: { ...keys.tenant(tenant.tenant), ...tenant },
          condition: 'attribute_not_exists(pk)',
        },
        { put: { ...keys.policyVersion(tenant.tenant, 1), version: 1, yaml: policyYaml } },
        { put: { ...keys.currentPolicy(tenant.tenant), version: 1 } },
        ...apiKeys.map((key) => ({ put: { ...keys.apiKey(tenant.tenant, key.key_id), ...key } })),
      ]);
      return conflicts === undefined;
    },
    secret: () => randomBytes(32).toString('base64url'),
    now: systemClock,
    nextId: randomIds,
  });
});
