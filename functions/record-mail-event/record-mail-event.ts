import type { EffectLedger } from '#shared/ports/effect-ledger.ts';
import type { EffectName } from '#shared/domain/effect/effect.ts';
import type { Input } from './contract.ts';

/** The effect that a send event's tags name, or undefined when they name none of ours. */
export function effectNamed({ detail }: Input): EffectName | undefined {
  const { tenant, task, effect } = detail.mail.tags;
  const match = /^([0-9a-f]{64})-(\d{1,3})$/.exec(effect[0] ?? '');
  if (!match) return undefined;
  return {
    tenant: tenant[0] ?? '',
    task_id: task[0] ?? '',
    effect_key: match[1] ?? '',
    occurrence: Number(match[2]),
  };
}

/** Writes the evidence that a mail left to its effect, whoever was first. */
export async function recordMailEvent(event: Input, effects: EffectLedger): Promise<void> {
  const name = effectNamed(event);
  if (!name) return;
  const there = await effects.find(name);
  if (!there) return;
  const output = JSON.stringify({ message_id: event.detail.mail.messageId });
  await effects.markDone(name, output, event.time, there.cost_micros);
}
