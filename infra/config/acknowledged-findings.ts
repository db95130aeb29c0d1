import { Validations } from 'aws-cdk-lib';
import type { composeStage } from '../app.ts';

/** Findings of cdk-nag that stand, each with its reason. */
export function acknowledgeFindings(_stacks: ReturnType<typeof composeStage>): void {
  void Validations;
}
