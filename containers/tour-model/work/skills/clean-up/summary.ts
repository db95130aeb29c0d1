import * as z from 'zod/mini';

const Listed = z.object({
  number: z.string(),
  file: z.string(),
  line: z.int(),
  customer: z.string(),
  date: z.string(),
  amount: z.string(),
  currency: z.string(),
});
export type Listed = z.infer<typeof Listed>;

const Sum = { currency: z.string(), amount: z.string(), invoices: z.int() };

/** What the program prints. Amounts are exact decimals in strings. */
export const Summary = z.object({
  rows_read: z.int(),
  repeated_headers: z.int(),
  total_lines: z.int(),
  identical_duplicates_dropped: z.int(),
  invoices_counted: z.int(),
  totals: z.array(z.object(Sum)),
  by_group: z.array(z.object({ name: z.string(), ...Sum })),
  conflicting: z.array(
    z.object({
      number: z.string(),
      versions: z.array(z.extend(Listed, { lines: z.array(z.int()) })),
    }),
  ),
  missing_group: z.array(Listed),
  unreadable: z.array(z.extend(Listed, { reason: z.string() })),
  without_number: z.array(Listed),
  unreadable_dates: z.array(Listed),
  /** How long each list is; a longer one than is there was cut. */
  lengths: z._default(z.record(z.string(), z.int()), {}),
  open_dates: z.object({ count: z.int(), example: z.string(), first: z.array(z.string()) }),
});
export type Summary = z.infer<typeof Summary>;

/** An exact decimal with thousands apart and its currency: `1,234.50 EUR`. */
export function money(amount: string, currency: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(amount) ?? ['', '', amount];
  const grouped = `${sign}${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
  return currency ? `${grouped} ${currency}` : grouped;
}

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
