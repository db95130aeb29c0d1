import { Effect, type EffectName } from '#shared/domain/effect/effect.ts';
import type { EffectLedger } from '#shared/ports/effect-ledger.ts';
import { keys } from './keys.ts';
import type { TenantTable, Update } from './tenant-table.ts';

const at = ({ tenant, task_id, effect_key, occurrence }: EffectName) =>
  keys.effect(tenant, task_id, effect_key, occurrence);

/** Effects in DynamoDB: each change of status is one conditional write. */
export function dynamoEffectLedger(table: TenantTable): EffectLedger {
  const move = async (
    name: EffectName,
    to: string,
    from: readonly string[],
    more: Pick<Update, 'update' | 'names' | 'values'> = { update: '' },
  ): Promise<boolean> => {
    const states = Object.fromEntries(from.map((status, i) => [`:from${i}`, status]));
    const conflict = await table.update({
      ...at(name),
      update: `SET #status = :to${more.update}`,
      condition: `#status IN (${Object.keys(states).join(', ')})`,
      names: { '#status': 'status', ...more.names },
      values: { ':to': to, ...states, ...more.values },
    });
    return conflict === undefined;
  };
  return {
    async find(name) {
      const { pk, sk } = at(name);
      const item = await table.get(pk, sk);
      return item && Effect.parse(item);
    },
    async prepare(effect) {
      const conflict = await table.put({ ...at(effect), ...effect }, 'attribute_not_exists(pk)');
      return conflict && Effect.parse(conflict.item);
    },
    markSent: (name, runId) =>
      move(name, 'SENT', ['PREPARED', 'FAILED', 'UNKNOWN'], {
        update: ', run_id = :run',
        values: { ':run': runId },
      }),
    markDone: (name, output, when, costMicros) =>
      move(name, 'DONE', ['PREPARED', 'SENT', 'UNKNOWN', 'FAILED'], {
        update: ', #output = :output, ended_at = :at, cost_micros = :cost',
        names: { '#output': 'output' },
        values: { ':output': output, ':at': when, ':cost': costMicros },
      }),
    async markFailed(name, output, when) {
      await move(name, 'FAILED', ['PREPARED', 'SENT'], {
        update: ', #output = :output, ended_at = :at',
        names: { '#output': 'output' },
        values: { ':output': output, ':at': when },
      });
    },
    async markUnknown(name, when) {
      await move(name, 'UNKNOWN', ['SENT'], {
        update: ', ended_at = :at',
        values: { ':at': when },
      });
    },
  };
}
