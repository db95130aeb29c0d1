import { dynamoEffectLedger } from '#shared/adapters/aws-dynamodb/effect-ledger.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { Env, Input } from './contract.ts';
import { effectNamed, recordMailEvent } from './record-mail-event.ts';

const env = loadEnv(Env);

export const handler = wrapState({ input: Input }, async (event) => {
  const tenant = effectNamed(event)?.tenant;
  if (tenant) await recordMailEvent(event, dynamoEffectLedger(new TenantTable(env, tenant)));
});
