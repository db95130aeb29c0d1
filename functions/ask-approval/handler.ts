import { dynamoApprovalStore } from '#shared/adapters/aws-dynamodb/approval-store.ts';
import { dynamoRunLedger } from '#shared/adapters/aws-dynamodb/run-ledger.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { kmsTokenSeal } from '#shared/adapters/aws-kms/token-seal.ts';
import { answerToken } from '#shared/adapters/aws-sfn/callbacks.ts';
import { systemClock } from '#shared/adapters/system/system.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { wrapState } from '#shared/runtime/wrap-state.ts';
import { askApproval } from './ask-approval.ts';
import { Env, Input, Output } from './contract.ts';

const env = loadEnv(Env);
const seal = kmsTokenSeal(env.TOKEN_KEY_ID);

export const handler = wrapState({ input: Input, output: Output }, (input) => {
  const table = new TenantTable(env, input.run.tenant);
  return askApproval(input, {
    approvals: dynamoApprovalStore(table),
    ledger: dynamoRunLedger(table, input.run),
    seal,
    answerNow: answerToken,
    now: systemClock,
  });
});
