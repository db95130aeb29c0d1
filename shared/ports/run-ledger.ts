import type { Action } from '../domain/action/action.ts';
import type { BudgetChange } from '../domain/budget/budget.ts';
import type { DecisionRecord } from '../domain/decision/decision.ts';
import type { Cursor, Run, RunOutcome, RunStatus } from '../domain/run/run.ts';

/** What a model chose in one turn, as it said it; judged later. */
export interface Turn {
  readonly turn: number;
  readonly actions: readonly {
    readonly id: string;
    readonly tool: string;
    readonly input: unknown;
  }[];
  /** The final answer, when the model gave one instead of actions. */
  readonly answer: string | null;
  readonly model: string;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly cost_micros: number;
}

/** Everything that one step of a run's writer changes, in one transaction. */
export interface RunCommit {
  /** Where the writer believes the run to stand. */
  readonly from: Cursor;
  readonly to: Cursor;
  readonly records: readonly DecisionRecord[];
  readonly budget: BudgetChange;
  readonly status: RunStatus;
  readonly waitingFor?: readonly string[];
  readonly outcome?: RunOutcome;
  /** Written whole; a later write of the same turn and index replaces the earlier. */
  readonly actions?: readonly Action[];
  readonly turn?: Turn;
  /** Given back to a retry that finds `from` consumed. */
  readonly output: string;
  /** When given, the commit holds only while this is the tenant's current policy version. */
  readonly policyVersion?: number;
  /** True for the commit that ends a cancelled run. @default false */
  readonly evenIfCancelled?: boolean;
}

export type CommitResult =
  | { readonly kind: 'committed' }
  /** The same step was committed before: its answer. */
  | { readonly kind: 'replayed'; readonly output: string }
  | { readonly kind: 'cancelled'; readonly run: Run }
  | { readonly kind: 'over_budget'; readonly run: Run }
  | { readonly kind: 'policy_moved' }
  /** Another writer was there, or the run has ended. */
  | { readonly kind: 'superseded'; readonly run: Run };

/** One run as stored, with its log. */
export interface RunLedger {
  load(): Promise<Run | undefined>;
  commit(commit: RunCommit): Promise<CommitResult>;
  turn(turn: number): Promise<Turn | undefined>;
  turns(): Promise<readonly Turn[]>;
  action(turn: number, index: number): Promise<Action | undefined>;
  /** @param turn only those of one turn */
  actions(turn?: number): Promise<readonly Action[]>;
  /** Adds an executor's outcome to an action; a second one changes nothing. */
  recordOutcome(
    turn: number,
    index: number,
    outcome: Pick<
      Action,
      'status' | 'ended_at' | 'cost_micros' | 'observation' | 'observation_digest' | 'summary'
    >,
  ): Promise<void>;
  decisions(after: number, limit: number): Promise<readonly DecisionRecord[]>;
}
