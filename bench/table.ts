/** Prints rows as a table with aligned columns. */
export function printTable(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const width = (column: string) =>
    Math.max(column.length, ...rows.map((row) => String(row[column] ?? '').length));
  const line = (cell: (column: string) => string | number) =>
    columns.map((column) => String(cell(column)).padEnd(width(column))).join('  ');
  console.log(line((column) => column));
  for (const row of rows) console.log(line((column) => row[column] ?? ''));
}

/** The q-quantile of some numbers, 0 to 1. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
