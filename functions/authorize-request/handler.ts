import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { keys } from '#shared/adapters/aws-dynamodb/keys.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { systemClock } from '#shared/adapters/system/system.ts';
import { ApiKey } from '#shared/domain/principal/principal.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { authorizeRequest } from './authorize-request.ts';
import { Env } from './contract.ts';

const env = loadEnv(Env);

async function findKey(tenant: string, keyId: string): Promise<ApiKey | undefined> {
  const { pk, sk } = keys.apiKey(tenant, keyId);
  const item = await new TenantTable(env, tenant).get(pk, sk);
  return item && ApiKey.parse(item);
}

/** Allows the whole stage to a known principal (the answer is cached by header); denies anyone else. */
export async function handler(
  event: APIGatewayRequestAuthorizerEvent,
): Promise<APIGatewayAuthorizerResult> {
  const header = Object.entries(event.headers ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  )?.[1];
  const who = await authorizeRequest(header, { findKey, now: systemClock });
  // API Gateway answers 401 to exactly this message.
  if (!who) throw new Error('Unauthorized');
  const [api = '', stage = ''] = event.methodArn.split('/');
  return {
    principalId: `${who.tenant}/${who.principal}`,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${api}/${stage}/*` }],
    },
    context: { ...who },
  };
}
