import type { Artifact } from '#shared/domain/artifact/artifact.ts';
import type { Approval } from '#shared/domain/approval/approval.ts';
import type { TaskBody } from '#shared/domain/task/task.ts';
import type { Clock, IdSource } from '#shared/ports/clock.ts';
import type { EffectLedger } from '#shared/ports/effect-ledger.ts';
import type { ObservationStore } from '#shared/ports/observation-store.ts';
import type { PermitSigner } from '#shared/ports/permits.ts';
import type { PolicySource } from '#shared/ports/policy-source.ts';
import type { RunLedger } from '#shared/ports/run-ledger.ts';

/** What judging needs from outside. */
export interface JudgeActionsDeps {
  readonly ledger: RunLedger;
  readonly readBody: () => Promise<TaskBody>;
  readonly policies: PolicySource;
  readonly findArtifact: (name: string) => Promise<Artifact | undefined>;
  readonly findApproval: (approvalId: string) => Promise<Approval | undefined>;
  readonly effects: Pick<EffectLedger, 'find'>;
  readonly observations: Pick<ObservationStore, 'get'>;
  readonly signer: PermitSigner;
  readonly stage: string;
  readonly now: Clock;
  readonly nextId: IdSource;
}
