import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { countInvoices } from '#tests/support/count-invoices.ts';
import { dirtyInvoices } from '#tests/support/dirty-invoices.ts';
import { tourLoop } from '#tests/support/tour-loop.ts';

const WORDS = 'Clean up these invoices, total them by customer, and mail the summary to finance';

interface Printed {
  invoices_counted: number;
  identical_duplicates_dropped: number;
  totals: { currency: string; amount: string }[];
  by_group: { name: string; currency: string; amount: string }[];
  conflicting: { number: string }[];
  missing_group: { number: string }[];
  unreadable: { amount: string }[];
  unreadable_dates: unknown[];
}

const centsIn = (amount: string) => BigInt(amount.replace('.', ''));
const squeezed = (text: string) => text.toLowerCase().replace(/\s+/g, ' ').trim();
const shown = (cents: bigint) => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  const whole = Number(digits.slice(0, -2)).toLocaleString('en-US');
  return `${cents < 0n ? '-' : ''}${whole}.${digits.slice(-2)}`;
};

describe('the bundled invoices', () => {
  const bytes = readFileSync(new URL('../../../clients/cli/demo/invoices.csv', import.meta.url));
  const pencil = countInvoices(bytes.toString('utf8'));
  const end = tourLoop(WORDS, new Map([['some name.csv', bytes]]));
  const printed = JSON.parse(end.stdout) as Printed;

  it('hold every kind of trouble', () => {
    expect(pencil.conflicting.length).toBeGreaterThan(0);
    expect(pencil.missing.length).toBeGreaterThan(0);
    expect(pencil.dropped).toBeGreaterThan(0);
    expect(printed.unreadable.length).toBeGreaterThan(0);
    expect(printed.unreadable_dates.length).toBeGreaterThan(0);
  });

  it('are totalled as a separate computation totals them', () => {
    expect(
      new Map(printed.by_group.map((sum) => [sum.name.toLowerCase(), centsIn(sum.amount)])),
    ).toEqual(pencil.totals);
    expect(printed.totals.map(({ amount }) => centsIn(amount))).toEqual([pencil.total]);
    expect(printed.invoices_counted).toBe(pencil.counted);
    expect(printed.identical_duplicates_dropped).toBe(pencil.dropped);
    expect(printed.conflicting.map(({ number }) => number.toUpperCase())).toEqual(
      pencil.conflicting,
    );
    expect(printed.missing_group.map(({ number }) => number)).toEqual(pencil.missing);
  });

  it('lead to one mail to the contact, with every total and everything that is open', () => {
    expect(end.tools).toEqual(['read_artifact', 'run_code', 'send_email']);
    const [mail] = end.mails;
    expect(mail?.to).toEqual(['finance@acme.example']);
    expect(mail?.attachments).toEqual(['some name-clean.csv']);
    expect(mail?.text).toContain(`Total: ${shown(pencil.total)} EUR`);
    for (const [, cents] of pencil.totals) expect(mail?.text).toContain(shown(cents));
    for (const number of [...pencil.conflicting, ...pencil.missing])
      expect(mail?.text.toUpperCase()).toContain(number);
    expect(end.answer).toContain('mailed to finance@acme.example');
  });

  it('are kept in a cleaned table without the identical duplicates', () => {
    const clean = end.artifacts.get('some name-clean.csv')?.toString('utf8') ?? '';
    const numbers = clean
      .split('\r\n')
      .slice(1)
      .map((line) => (line.split(',')[0] ?? '').toUpperCase());
    const repeated = numbers.filter((number, i) => number !== '' && numbers.indexOf(number) !== i);
    expect(repeated).toEqual(pencil.conflicting);
  });
});

describe('fifty tables of generated dirt', () => {
  it.each(Array.from({ length: 50 }, (_, seed) => seed))(
    'table %i is counted as it was made',
    (seed) => {
      const { name, bytes, truth } = dirtyInvoices(seed);
      const end = tourLoop(WORDS, new Map([[name, bytes]]));
      expect(end.mails).toHaveLength(1);
      const printed = JSON.parse(end.stdout) as Printed;
      const totals = new Map(
        printed.by_group.map((sum) => [squeezed(sum.name), Number(centsIn(sum.amount))]),
      );
      expect(totals).toEqual(truth.totals);
      expect(printed.invoices_counted).toBe(truth.counted);
      expect(printed.identical_duplicates_dropped).toBe(truth.identicalDropped);
      expect(printed.conflicting.map(({ number }) => number.toUpperCase()).sort()).toEqual(
        truth.conflicting,
      );
      expect(printed.missing_group.map(({ number }) => number.toUpperCase()).sort()).toEqual(
        truth.missingCustomer,
      );
      for (const amount of truth.totals.values())
        expect(end.mails[0]?.text).toContain(shown(BigInt(amount)));
    },
  );
});

describe('cleaning up', () => {
  const table = (...lines: string[]) => new Map([['t.csv', Buffer.from(lines.join('\n'))]]);
  const printedOf = (files: ReadonlyMap<string, Buffer>, words = WORDS) =>
    JSON.parse(tourLoop(words, files).stdout) as Printed;

  it('does not add currencies together', () => {
    const printed = printedOf(table('Invoice,Customer,Amount', '1,A,€5', '2,A,$7', '3,A,€1'));
    expect(printed.totals.map(({ currency, amount }) => `${currency} ${amount}`)).toEqual([
      'EUR 6.00',
      'USD 7.00',
    ]);
  });

  it('keeps an amount out that could be two numbers', () => {
    const printed = printedOf(table('Invoice;Customer;Amount', '1;A;1.234', '2;A;10.50'));
    expect(printed.unreadable.map(({ amount }) => amount)).toEqual(['1.234']);
  });

  it('totals by another column, and by month', () => {
    const files = table(
      'Invoice,Customer,Region,Date,Amount',
      '1,A,North,2025-01-02,5',
      '2,B,South,2025-02-02,6',
      '3,A,North,2025-02-09,1',
    );
    const sums = (words: string) =>
      printedOf(files, words).by_group.map(({ name, amount }) => `${name} ${amount}`);
    expect(sums('Clean up the invoices and total them by region')).toEqual([
      'North 6.00',
      'South 6.00',
    ]);
    expect(sums('Clean up the invoices and total them per month')).toEqual([
      '2025-01 5.00',
      '2025-02 7.00',
    ]);
  });

  it('compares invoices across several tables', () => {
    const files = new Map([
      ['jan.csv', Buffer.from('Invoice,Customer,Amount\n1,A,5\n2,B,6\n')],
      ['feb.csv', Buffer.from('Kunde;Betrag;Rechnungsnummer\nA;5,00;1\nC;7,00;3\n')],
    ]);
    const printed = printedOf(files);
    expect(printed.identical_duplicates_dropped).toBe(1);
    expect(printed.totals[0]?.amount).toBe('18.00');
  });

  it('lists what fits into the mail, and attaches the rest', () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i},,${i}.00`);
    const end = tourLoop(WORDS, table('Invoice,Customer,Amount', ...rows));
    expect(end.stdout.length).toBeLessThan(16_000);
    const [mail] = end.mails;
    expect(mail?.attachments).toEqual(['t-clean.csv', 't-summary.json']);
    const listed = mail?.text.match(/^- \d+: /gm)?.length ?? 0;
    expect(mail?.text).toContain(`- and ${400 - listed} more, all of them in the attached summary`);
    expect(end.answer).toContain('400 invoices without a customer');
    const whole = JSON.parse(
      end.artifacts.get('t-summary.json')?.toString('utf8') ?? '',
    ) as Printed;
    expect(whole.missing_group).toHaveLength(400);
  });

  it('does not take what an earlier attempt made for another table', () => {
    const files = new Map([
      ...table('Invoice,Customer,Amount', '1,A,5'),
      ['t-clean.csv', Buffer.from('Invoice,Customer,Amount,note\n1,A,5,\n')],
    ]);
    expect(printedOf(files).identical_duplicates_dropped).toBe(0);
  });

  it('says which column it misses', () => {
    const { answer } = tourLoop(WORDS, table('Colour,Shape', 'red,round'));
    expect(answer).toBe(
      'In t.csv I find no column for the invoice number and the amount; its header says: Colour | Shape.',
    );
  });

  it('asks for an address that it does not know, and uses the answer', () => {
    const words = 'Clean up these invoices and mail the summary to logistics';
    const files = table('Invoice,Customer,Amount', '1,A,5');
    const end = tourLoop(words, files, {
      ask_person: { status: 'done', output: { answer: 'ops@acme.example' } },
    });
    expect(end.tools).toEqual(['read_artifact', 'run_code', 'ask_person', 'send_email']);
    expect(end.mails[0]?.to).toEqual(['ops@acme.example']);
  });

  it.each([
    [
      { status: 'refused', reason: 'not now' },
      'was refused by a person (not now); it was not sent.',
    ],
    [{ status: 'denied', reason: 'no mail' }, 'was denied by policy (no mail); it was not sent.'],
    [{ status: 'expired' }, 'nobody answered in time; it was not sent.'],
    [
      { status: 'failed', error: { code: 'tool.failed', message: 'rejected' } },
      'failed (rejected); it was not sent.',
    ],
  ])('says plainly that the mail came to nothing: %j', (observation, words) => {
    const { answer } = tourLoop(WORDS, table('Invoice,Customer,Amount', '1,A,5'), {
      send_email: observation,
    });
    expect(answer).toContain(words);
  });

  it('does not mail when the code was not run', () => {
    const { answer, tools } = tourLoop(WORDS, table('Invoice,Customer,Amount', '1,A,5'), {
      run_code: { status: 'denied', reason: 'no code' },
    });
    expect(tools).toEqual(['read_artifact', 'run_code']);
    expect(answer).toContain('was denied by policy (no code)');
  });
});
