import type { Action } from '#shared/domain/action/action.ts';
import { applyChange } from '#shared/domain/budget/budget.ts';
import type { DecisionRecord } from '#shared/domain/decision/decision.ts';
import type { Run } from '#shared/domain/run/run.ts';
import type { CommitResult, RunCommit, RunLedger, Turn } from '#shared/ports/run-ledger.ts';

/** A run's ledger in memory, with the conditions of the real one. */
export class MemoryLedger implements RunLedger {
  run: Run;
  policyVersion = 1;
  readonly log: DecisionRecord[] = [];
  readonly #turns = new Map<number, Turn>();
  readonly #actions = new Map<string, Action>();

  constructor(run: Run) {
    this.run = run;
  }

  async load(): Promise<Run> {
    return this.run;
  }

  async commit(commit: RunCommit): Promise<CommitResult> {
    const { run } = this;
    if (run.last_seq === commit.from.seq && run.last_output !== null) {
      return { kind: 'replayed', output: run.last_output };
    }
    if (run.cursor.seq !== commit.from.seq || !['RUNNING', 'WAITING'].includes(run.status)) {
      return { kind: 'superseded', run };
    }
    if (run.cancel_requested_at !== null && !commit.evenIfCancelled)
      return { kind: 'cancelled', run };
    const budget = applyChange(run.budget, commit.budget);
    if (commit.budget.reserve > 0 && budget.available < 0) return { kind: 'over_budget', run };
    if (commit.policyVersion !== undefined && commit.policyVersion !== this.policyVersion) {
      return { kind: 'policy_moved' };
    }
    this.run = {
      ...run,
      budget,
      cursor: commit.to,
      status: commit.status,
      waiting_for: [...(commit.waitingFor ?? [])],
      last_seq: commit.from.seq,
      last_output: commit.output,
      outcome: commit.outcome ?? null,
    };
    this.log.push(...commit.records);
    for (const action of commit.actions ?? [])
      this.#actions.set(key(action.turn, action.index), action);
    if (commit.turn) this.#turns.set(commit.turn.turn, commit.turn);
    return { kind: 'committed' };
  }

  async turn(turn: number): Promise<Turn | undefined> {
    return this.#turns.get(turn);
  }

  async turns(): Promise<Turn[]> {
    return [...this.#turns.values()];
  }

  putTurn(turn: Turn): void {
    this.#turns.set(turn.turn, turn);
  }

  async action(turn: number, index: number): Promise<Action | undefined> {
    return this.#actions.get(key(turn, index));
  }

  async actions(turn?: number): Promise<Action[]> {
    return [...this.#actions.values()].filter(
      (action) => turn === undefined || action.turn === turn,
    );
  }

  async recordOutcome(turn: number, index: number, outcome: Partial<Action>): Promise<void> {
    const action = this.#actions.get(key(turn, index));
    if (action && ['ALLOWED', 'UNKNOWN'].includes(action.status)) {
      this.#actions.set(key(turn, index), { ...action, ...outcome });
    }
  }

  async decisions(after: number, limit: number): Promise<DecisionRecord[]> {
    return this.log.filter(({ seq }) => seq > after).slice(0, limit);
  }
}

const key = (turn: number, index: number) => `${turn} ${index}`;
