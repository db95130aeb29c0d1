/** What a person with a pencil gets from a table of invoices in which `;` parts and `,` is decimal. */
export interface PencilCount {
  /** Cents by customer in lower case; empty where it is missing. */
  readonly totals: ReadonlyMap<string, bigint>;
  readonly total: bigint;
  readonly counted: number;
  readonly dropped: number;
  readonly conflicting: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Counts by reading each line's cells by place: number, customer, date, description, amount. Dates
 * are compared by day, month and year, day first.
 */
export function countInvoices(text: string): PencilCount {
  const lines = cellsOf(text.replace(/^\uFEFF/, '')).slice(1);
  const seen = new Map<
    string,
    { facts: string; customer: string; cents: bigint; isOpen: boolean }
  >();
  let dropped = 0;
  let loose = 0;
  for (const [number = '', customer = '', date = '', , amount = ''] of lines) {
    if (number.toLowerCase() === 'total' || [number, customer, amount].every((cell) => cell === ''))
      continue;
    const cents = centsOf(amount);
    if (cents === undefined) continue;
    const name = ['', 'n/a'].includes(customer.toLowerCase()) ? '' : customer.toLowerCase();
    const facts = `${name}/${String(cents)}/${dayOf(date)}`;
    const key = number === '' ? `loose ${(loose += 1)}` : number.toUpperCase();
    const before = seen.get(key);
    if (!before) seen.set(key, { facts, customer: name, cents, isOpen: false });
    else if (before.facts === facts) dropped += 1;
    else before.isOpen = true;
  }
  const entries = [...seen];
  const counted = entries.filter(([, { isOpen }]) => !isOpen);
  const totals = new Map<string, bigint>();
  for (const [, { customer, cents }] of counted)
    totals.set(customer, (totals.get(customer) ?? 0n) + cents);
  return {
    totals,
    total: counted.reduce((sum, [, { cents }]) => sum + cents, 0n),
    counted: counted.length,
    dropped,
    conflicting: entries.filter(([, { isOpen }]) => isOpen).map(([key]) => key),
    missing: counted.filter(([, { customer }]) => customer === '').map(([key]) => key),
  };
}

function cellsOf(text: string): string[][] {
  const rows: string[][] = [['']];
  let inQuotes = false;
  for (const sign of text.replaceAll('\r\n', '\n')) {
    const row = rows.at(-1) as string[];
    if (sign === '"') inQuotes = !inQuotes;
    else if (sign === ';' && !inQuotes) row.push('');
    else if (sign === '\n' && !inQuotes) rows.push(['']);
    else row[row.length - 1] += sign;
  }
  return rows.map((row) => row.map((cell) => cell.split(/\s+/u).filter(Boolean).join(' ')));
}

function centsOf(amount: string): bigint | undefined {
  if (!/\d/.test(amount)) return undefined;
  const [whole = '', fraction = ''] = amount.replace(/[^\d,]/g, '').split(',');
  const cents = BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'));
  return /[-(]/.test(amount) ? -cents : cents;
}

function dayOf(date: string): string {
  const spelled = /^(\d+) ([A-Z][a-z]{2})\w* (\d{4})$/.exec(date);
  if (spelled) return new Date(`${spelled[0]} UTC`).toISOString().slice(0, 10);
  const parts = date.split(/[./-]/);
  if (parts.length !== 3) return date;
  const [year = '', month = '', day = ''] = parts[0]?.length === 4 ? parts : parts.toReversed();
  return `${year.padStart(4, '20')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
