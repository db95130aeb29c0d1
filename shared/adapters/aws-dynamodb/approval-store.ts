import { Approval } from '#shared/domain/approval/approval.ts';
import type { ApprovalStore, Decision } from '#shared/ports/approval-store.ts';
import type { OpenWait } from '#shared/ports/callback-token.ts';
import { DUE, keys } from './keys.ts';
import type { Item, TenantTable } from './tenant-table.ts';

/** Approvals in DynamoDB: one conditional write decides. */
export function dynamoApprovalStore(table: TenantTable): ApprovalStore {
  const { tenant } = table;
  const find = async (approvalId: string) => {
    const { pk, sk } = keys.approval(tenant, approvalId);
    const item = await table.get(pk, sk);
    return item && Approval.parse(item);
  };
  return {
    find,
    async list(limit, before) {
      const items = await table.query(keys.approvalList(tenant), {
        index: 'list',
        limit,
        newestFirst: true,
        ...(before === undefined ? {} : { after: before }),
      });
      return items.map((item) => Approval.parse(item));
    },
    async ask(approval, wait, dueAt) {
      const waitItem = waitToItem(tenant, approval.run_id, wait);
      const conflicts = await table.transact([
        {
          put: {
            ...keys.approval(tenant, approval.approval_id),
            lk: keys.approvalList(tenant),
            ls: approval.approval_id,
            dk: DUE,
            ds: dueAt,
            ...approval,
          },
          condition: 'attribute_not_exists(pk)',
        },
        { put: waitItem },
      ]);
      if (!conflicts) return approval;
      await table.put(waitItem);
      return (await find(approval.approval_id)) ?? approval;
    },
    async decide(approvalId, decision, dueAt) {
      const conflict = await table.update(decisionUpdate(tenant, approvalId, decision, dueAt));
      return { decided: conflict === undefined, approval: await find(approvalId) };
    },
    async wait(runId, turn, index) {
      const item = await table.get(keys.runPartition(tenant, runId), keys.waitSk(turn, index));
      return item && waitOf(item);
    },
    async markWoken(approvalId) {
      await table.update({ ...keys.approval(tenant, approvalId), update: 'REMOVE dk, ds' });
    },
  };
}

const decisionUpdate = (
  tenant: string,
  approvalId: string,
  decision: Decision,
  dueAt: string | null,
) => ({
  ...keys.approval(tenant, approvalId),
  update: `SET #status = :answer, decided_by = :by, decided_at = :at, #comment = :comment${
    dueAt === null ? ' REMOVE dk, ds' : ', dk = :due, ds = :when'
  }`,
  condition: '#status = :pending',
  names: { '#status': 'status', '#comment': 'comment' },
  values: {
    ':answer': decision.answer,
    ':by': decision.by,
    ':at': decision.at,
    ':comment': decision.comment,
    ':pending': 'pending',
    ...(dueAt === null ? {} : { ':due': DUE, ':when': dueAt }),
  },
});

export const waitToItem = (tenant: string, runId: string, wait: OpenWait): Item => ({
  pk: keys.runPartition(tenant, runId),
  sk: keys.waitSk(wait.turn, wait.index),
  turn: wait.turn,
  index: wait.index,
  kind: wait.kind,
  approval_id: wait.approvalId,
  sealed_token: wait.sealedToken,
});

export const waitOf = (item: Item): OpenWait => ({
  turn: Number(item['turn']),
  index: Number(item['index']),
  kind: item['kind'] === 'sandbox' ? 'sandbox' : 'approval',
  approvalId: (item['approval_id'] ?? null) as string | null,
  sealedToken: String(item['sealed_token']),
});
