export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];

/** How dangerous a call looks by itself, with the reasons. `high` always asks a person. */
export interface RiskFinding {
  readonly risk: Risk;
  readonly reasons: readonly string[];
}

export const higherRisk = (a: Risk, b: Risk): Risk =>
  RISKS.indexOf(a) >= RISKS.indexOf(b) ? a : b;
