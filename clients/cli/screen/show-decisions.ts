import type * as z from 'zod/mini';
import type { DecisionList } from '#shared/api/decisions.ts';
import { inkOf, oneLine } from './ink.ts';
import { showUsd } from './quantities.ts';
import { tableOf } from './table.ts';
import type { Terminal } from './terminal.ts';

export type Decision = z.infer<typeof DecisionList>['items'][number];

/** The decision log, a line a record: who decided what, on which facts, and the money it moved. */
export function showDecisions(
  decisions: readonly Decision[],
  view: Pick<Terminal, 'hasColour' | 'columns'>,
): string[] {
  const ink = inkOf(view);
  return tableOf(
    decisions.map((record) => [
      `  ${ink.dim(String(record.seq).padStart(3))}`,
      ink.blue(record.kind),
      record.action ? record.action.tool : '',
      oneLine(record.principal, 28),
      record.budget.spent > 0 ? showUsd(record.budget.spent / 1_000_000) : '',
      ink.dim(record.hash.slice(0, 8)),
      oneLine(factsInWords(record.facts), Math.max(20, view.columns - 88)),
    ]),
  );
}

/** Facts without digests and nested things, as `name=value`. */
function factsInWords(facts: Decision['facts']): string {
  return Object.entries(facts)
    .flatMap(([name, value]) => {
      const text = Array.isArray(value) ? value.join('; ') : String(value);
      const isNested = typeof value === 'object' && !Array.isArray(value);
      return text === '' || isNested || /^[0-9a-f]{64}$/.test(text) ? [] : [`${name}=${text}`];
    })
    .join(' ');
}
