import * as z from 'zod/mini';

/** Money in integer micro-dollars (1 USD = 1,000,000). */
export const MicroDollars = z.int().check(z.gte(0));

/** A run's money: limit = available + reserved + spent at every moment. */
export const Budget = z.object({
  limit: MicroDollars,
  available: MicroDollars,
  reserved: MicroDollars,
  spent: MicroDollars,
});
export type Budget = z.infer<typeof Budget>;

/** How one commit changes a budget: settles earlier reservations, then takes a new one. */
export interface BudgetChange {
  /** Reservations that end now. */
  readonly release: number;
  /** What they really cost; never more than was reserved for them. */
  readonly spend: number;
  /** The worst case of what comes next. */
  readonly reserve: number;
}

export const openBudget = (limit: number): Budget => ({
  limit,
  available: limit,
  reserved: 0,
  spent: 0,
});

/** True when the change fits; the store makes the same test in its conditional write. */
export const fits = (budget: Budget, change: BudgetChange): boolean =>
  budget.available + change.release - change.spend >= change.reserve;

export function applyChange(budget: Budget, { release, spend, reserve }: BudgetChange): Budget {
  return {
    limit: budget.limit,
    available: budget.available + release - spend - reserve,
    reserved: budget.reserved - release + reserve,
    spent: budget.spent + spend,
  };
}

export const microsOf = (usd: number): number => Math.round(usd * 1_000_000);
export const usdOf = (micros: number): number => micros / 1_000_000;
