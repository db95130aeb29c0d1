import type { Action } from '../action/action.ts';
import type { BudgetChange } from '../budget/budget.ts';
import { chain, type DecisionDraft } from '../decision/decision.ts';
import type { ActionOutcome, Cursor, OpenAction, RunOutcome, RunRef, RunStatus } from './run.ts';

/** What a writer adds beside the records. */
export interface EntryEnd {
  readonly turn: number;
  readonly pass: number;
  readonly open: readonly OpenAction[];
  readonly status: RunStatus;
  readonly steps?: number;
  readonly tokens?: number;
  readonly policy?: number;
  readonly outcome?: RunOutcome;
  readonly waitingFor?: readonly string[];
}

/** Gathers what one step of a run's writer changes, until it is committed as one transaction. */
export class LedgerEntry {
  readonly ref: RunRef;
  readonly from: Cursor;
  readonly #at: string;
  readonly #drafts: DecisionDraft[] = [];
  readonly #actions: Action[] = [];
  #budget: BudgetChange = { release: 0, spend: 0, reserve: 0 };

  /** @param at the time of every record of this entry, ISO 8601 */
  constructor(ref: RunRef, from: Cursor, at: string) {
    this.ref = ref;
    this.from = from;
    this.#at = at;
  }

  get at(): string {
    return this.#at;
  }

  record(draft: DecisionDraft): void {
    this.#drafts.push(draft);
  }

  write(action: Action): void {
    this.#actions.push(action);
  }

  reserve(micros: number): void {
    this.#budget = { ...this.#budget, reserve: this.#budget.reserve + micros };
  }

  /** Ends a reservation; what is spent never exceeds what was reserved. */
  settle(reserved: number, cost: number): void {
    this.#budget = {
      ...this.#budget,
      release: this.#budget.release + reserved,
      spend: this.#budget.spend + Math.min(cost, reserved),
    };
  }

  /** Records how an action ended, as its executor reported it, and settles its money. */
  observe(open: OpenAction, outcome: ActionOutcome, hasEffect: boolean): void {
    const cost = outcome.cost_micros ?? open.reserved;
    this.settle(open.reserved, cost);
    this.record({
      kind: hasEffect ? 'effect' : 'observed',
      principal: 'system',
      action: actionOf(open),
      facts: { status: outcome.status, error: outcome.error ?? null },
      budget: { reserved: -open.reserved, spent: Math.min(cost, open.reserved) },
      body_digest: outcome.digest ?? null,
    });
  }

  /** The finished entry: the new cursor, with the records chained to the log. */
  close(end: EntryEnd, nextId: () => string) {
    const { tenant, task_id, run_id, generation } = this.ref;
    const place = {
      tenant,
      task_id,
      run_id,
      generation,
      turn: this.from.turn,
      pass: this.from.pass,
      at: this.#at,
    };
    const { records, log } = chain(this.#drafts, place, this.from, nextId);
    const to: Cursor = {
      turn: end.turn,
      pass: end.pass,
      seq: log.seq,
      head: log.head,
      policy: end.policy ?? this.from.policy,
      steps: end.steps ?? this.from.steps,
      tokens: end.tokens ?? this.from.tokens,
      open: [...end.open],
    };
    return {
      from: this.from,
      to,
      records,
      budget: this.#budget,
      status: end.status,
      actions: this.#actions,
      ...(end.outcome ? { outcome: end.outcome } : {}),
      ...(end.waitingFor ? { waitingFor: end.waitingFor } : {}),
    };
  }
}

/** The part of an open action that a record names. */
export const actionOf = ({
  index,
  tool,
  tool_version,
  call_hash,
}: Pick<OpenAction, 'index' | 'tool' | 'tool_version' | 'call_hash'>) => ({
  index,
  tool,
  tool_version,
  call_hash,
});
