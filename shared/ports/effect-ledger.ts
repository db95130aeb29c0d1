import type { Effect, EffectName } from '../domain/effect/effect.ts';

/** The intent records of a tenant's effects. Every change is a conditional write. */
export interface EffectLedger {
  find(name: EffectName): Promise<Effect | undefined>;
  /** Writes the intent as PREPARED. @returns the effect that stood there already, or undefined */
  prepare(effect: Effect): Promise<Effect | undefined>;
  /** PREPARED, FAILED or UNKNOWN → SENT, on behalf of a run. @returns false when the effect stands elsewhere */
  markSent(name: EffectName, runId: string): Promise<boolean>;
  /** PREPARED, SENT or UNKNOWN → DONE. @returns false when it was over already */
  markDone(name: EffectName, output: string, at: string, costMicros: number): Promise<boolean>;
  markFailed(name: EffectName, output: string, at: string): Promise<void>;
  markUnknown(name: EffectName, at: string): Promise<void>;
}
