import { dynamoApprovalStore } from '#shared/adapters/aws-dynamodb/approval-store.ts';
import { TenantTable } from '#shared/adapters/aws-dynamodb/tenant-table.ts';
import { sfnCallbacks } from '#shared/adapters/aws-sfn/callbacks.ts';
import { systemClock } from '#shared/adapters/system/system.ts';
import { ApprovalList, ApprovalView, DecideApproval } from '#shared/api/approvals.ts';
import { loadEnv } from '#shared/runtime/env.ts';
import { pageOf, readPage } from '#shared/runtime/page.ts';
import { operation, wrapHttp } from '#shared/runtime/wrap-http.ts';
import { Env } from './contract.ts';
import { decideApproval, findApproval } from './serve-approvals.ts';

const env = loadEnv(Env);
const callbacks = sfnCallbacks(env.TOKEN_KEY_ID);
const storeOf = (tenant: string) => dynamoApprovalStore(new TenantTable(env, tenant));

export const handler = wrapHttp({
  'GET /v1/approvals': operation({
    permission: 'approvals:read',
    answer: ApprovalList,
    async run({ who, query }) {
      const page = readPage(query);
      const items = await storeOf(who.tenant).list(page.limit + 1, page.before);
      return { status: 200, body: pageOf(items, page.limit, (item) => item.approval_id) };
    },
  }),
  'GET /v1/approvals/{approval_id}': operation({
    permission: 'approvals:read',
    answer: ApprovalView,
    async run({ who, path }) {
      return {
        status: 200,
        body: await findApproval(path['approval_id'] ?? '', storeOf(who.tenant)),
      };
    },
  }),
  'POST /v1/approvals/{approval_id}/decide': operation({
    permission: 'approvals:decide',
    body: DecideApproval,
    answer: ApprovalView,
    async run({ who, path, body }) {
      const approvals = storeOf(who.tenant);
      const approval = await decideApproval(path['approval_id'] ?? '', who, body, {
        approvals,
        callbacks,
        now: systemClock,
      });
      return { status: 200, body: approval };
    },
  }),
});
