/** What an honest clerk would count; amounts in cents, names in lower case. */
export interface InvoiceTruth {
  /** Cents by customer, then by currency; the customer is empty where it is missing. */
  readonly totals: ReadonlyMap<string, number>;
  readonly counted: number;
  readonly identicalDropped: number;
  readonly conflicting: readonly string[];
  readonly missingCustomer: readonly string[];
}

export interface DirtyTable {
  readonly name: string;
  readonly bytes: Buffer;
  readonly truth: InvoiceTruth;
}

interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly day: number;
  readonly cents: number;
  readonly what: string;
}

type Pick = <T>(choices: readonly T[]) => T;

/** Mulberry32: small, repeatable. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FIRST = [
  'Amber',
  'Birch',
  'Cobalt',
  'Dune',
  'Élan',
  'Fjord',
  'Granit',
  'Höfer',
  'Iris',
  'Juno',
];
const SECOND = [
  'Works',
  'Trading',
  'Labs',
  'Foods',
  '& Co',
  'Textiles',
  'Motors',
  "O'Dell",
  'S.A.',
];
const FILES = [
  'ledger',
  'Q3 export',
  'billing',
  'rechnungen',
  'open-items',
  'books',
  'ventes',
  'ar',
];
const HEADERS = [
  ['Invoice No', 'Customer', 'Date', 'Amount', 'Description'],
  ['invoice_number', 'customer_name', 'invoice_date', 'total_amount', 'notes'],
  ['InvoiceNumber', 'CustomerName', 'IssuedOn', 'GrossAmount', 'Memo'],
  ['Invoice #', 'Bill To', 'Issue date', 'Amount due', 'Item'],
  ['Rechnungsnummer', 'Kunde', 'Rechnungsdatum', 'Betrag', 'Text'],
  ['Facture no', 'Client', 'Date facture', 'Montant', 'Objet'],
  ['Número de factura', 'Cliente', 'Fecha', 'Importe', 'Concepto'],
  ['Factuurnummer', 'Klant', 'Factuurdatum', 'Bedrag', 'Omschrijving'],
] as const;
const MISSING = ['', '  ', 'N/A', '-', 'unknown'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A table of invoices with dirt of many kinds, and the truth that it was made from. */
export function dirtyInvoices(seed: number): DirtyTable {
  const random = randomOf(seed * 7919 + 1);
  const pick: Pick = (choices) => choices[Math.floor(random() * choices.length)] as never;
  const chance = (share: number) => random() < share;
  const customers = Array.from(
    { length: 3 + Math.floor(random() * 5) },
    () => `${pick(FIRST)} ${pick(SECOND)}`,
  );
  const prefix = pick(['INV-', 'R', '2025/', '', 'A-00']);
  const invoices: Invoice[] = Array.from({ length: 15 + Math.floor(random() * 40) }, (_, i) => ({
    number: `${prefix}${1000 + i}`,
    customer: chance(0.07) ? '' : pick(customers),
    day: Math.floor(random() * 365),
    cents: chance(0.12) ? -Math.floor(random() * 90_000) - 1 : Math.floor(random() * 2_500_000),
    what: pick([
      'Goods',
      'Work, two days',
      'Freight; express',
      'Say "yes"',
      'Line one\nline two',
      'a|b\tc',
      '',
    ]),
  }));
  const spoken = { currency: pick(['', '', '€', 'EUR', '$', 'CHF']), mixed: chance(0.4) };
  const style = pick(AMOUNT_STYLES);
  const monthFirst = chance(0.3);
  const writeRow = (invoice: Invoice): string[] => [
    respace(chance(0.2) ? invoice.number.toLowerCase() : invoice.number, chance),
    invoice.customer === '' ? pick(MISSING) : respace(recase(invoice.customer, pick), chance),
    writeDate(invoice.day, pick, monthFirst),
    writeAmount(invoice.cents, spoken.mixed ? pick(AMOUNT_STYLES) : style, spoken, pick, chance),
    invoice.what,
  ];
  const rows = invoices.map(writeRow);
  const evidence: Invoice = {
    number: `${prefix}990`,
    customer: customers[0] ?? '',
    day: 29,
    cents: 100_01,
    what: '',
  };
  rows.push([
    evidence.number,
    evidence.customer,
    monthFirst ? '01/30/2025' : '30/01/2025',
    writeAmount(evidence.cents, style, spoken, pick, chance),
    '',
  ]);
  const identical = invoices.filter(() => chance(0.12));
  const conflicting = invoices.filter((invoice) => !identical.includes(invoice) && chance(0.07));
  for (const invoice of identical) insert(rows, writeRow(invoice), random);
  for (const invoice of conflicting)
    insert(rows, writeRow(contradict(invoice, customers, pick)), random);
  const header = [...pick(HEADERS)];
  return {
    name: `${pick(FILES)}-${seed}.${pick(['csv', 'csv', 'CSV', 'tsv'])}`,
    bytes: encode(lay(header, rows, pick, chance, random), pick),
    truth: {
      totals: totalsOf([...invoices, evidence].filter((invoice) => !conflicting.includes(invoice))),
      counted: invoices.length + 1 - conflicting.length,
      identicalDropped: identical.length,
      conflicting: conflicting.map(({ number }) => number).sort(),
      missingCustomer: invoices
        .filter((invoice) => invoice.customer === '' && !conflicting.includes(invoice))
        .map(({ number }) => number)
        .sort(),
    },
  };
}

function totalsOf(invoices: readonly Invoice[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { customer, cents } of invoices) {
    const key = customer.toLowerCase();
    totals.set(key, (totals.get(key) ?? 0) + cents);
  }
  return totals;
}

function contradict(invoice: Invoice, customers: readonly string[], pick: Pick): Invoice {
  const other =
    customers.find((name) => name.toLowerCase() !== invoice.customer.toLowerCase()) ?? 'Somebody';
  return pick([
    { ...invoice, cents: invoice.cents + 100 },
    { ...invoice, customer: other },
    { ...invoice, day: (invoice.day + 40) % 365 },
  ]);
}

function insert(rows: string[][], row: string[], random: () => number): void {
  rows.splice(Math.floor(random() * (rows.length + 1)), 0, row);
}

const recase = (name: string, pick: Pick): string =>
  pick([name, name, name, name.toUpperCase(), name.toLowerCase()]);

function respace(text: string, chance: (share: number) => boolean): string {
  const inner = chance(0.1)
    ? text.replace(' ', '  ')
    : chance(0.05)
      ? text.replace(' ', '\u00A0')
      : text;
  return chance(0.1) ? ` ${inner}  ` : inner;
}

function writeDate(day: number, pick: Pick, monthFirst: boolean): string {
  const date = new Date(Date.UTC(2025, 0, 1 + day));
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const pad = (n: number) => String(n).padStart(2, '0');
  return pick([
    `${y}-${pad(m)}-${pad(d)}`,
    `${y}/${m}/${d}`,
    `${pad(d)}.${pad(m)}.${y}`,
    `${d}.${m}.${String(y).slice(2)}`,
    monthFirst ? `${m}/${d}/${y}` : `${d}/${m}/${y}`,
    `${d} ${MONTHS[m - 1] ?? ''} ${y}`,
    `${MONTHS[m - 1] ?? ''} ${d}, ${y}`,
    `${y}-${pad(m)}-${pad(d)}T08:30:00`,
    String(45658 + day),
  ]);
}

const AMOUNT_STYLES = [
  ['', '.'],
  [',', '.'],
  ['.', ','],
  ["'", '.'],
  ['\u00A0', ','],
  ['', ','],
] as const;

function writeAmount(
  cents: number,
  [thousands, mark]: readonly [string, string],
  { currency, mixed }: { readonly currency: string; readonly mixed: boolean },
  pick: Pick,
  chance: (share: number) => boolean,
): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, thousands);
  const isRound = !mixed && digits.endsWith('00') && chance(0.7);
  const plain = isRound ? whole : `${whole}${mark}${digits.slice(-2)}`;
  const withSign = chance(0.3)
    ? pick([`${currency}${plain}`, `${currency} ${plain}`, `${plain} ${currency}`])
    : plain;
  if (cents >= 0) return withSign.trim();
  return pick([`-${withSign.trim()}`, `(${withSign.trim()})`, `${plain}-`, `\u2212${plain}`]);
}

/** Puts rows under a header, with the columns shuffled and blank lines, totals and headers between. */
function lay(
  header: readonly string[],
  rows: readonly string[][],
  pick: Pick,
  chance: (share: number) => boolean,
  random: () => number,
): string {
  const delimiter = pick([',', ';', '\t', '|']);
  const end = pick(['\n', '\r\n', '\r\n', '\r']);
  const order = header.map((_, i) => i).sort(() => random() - 0.5);
  const write = (cells: readonly string[]) =>
    order
      .map((i) => cells[i] ?? '')
      .map((cell) =>
        /["\n\r]|[,;\t|]/.test(cell) || chance(0.1) ? `"${cell.replaceAll('"', '""')}"` : cell,
      )
      .join(delimiter);
  const lines = [
    ...(chance(0.2)
      ? [pick(['Export of open items', 'sep=' + delimiter, 'Report: all invoices']), '']
      : []),
    write(header),
    ...rows.flatMap((row) => [
      write(row),
      ...(chance(0.05) ? [pick(['', delimiter.repeat(4), '  '])] : []),
    ]),
  ];
  if (chance(0.2)) lines.splice(Math.floor(lines.length / 2) + 2, 0, write(header));
  const footer = ['Total', '', '', '99999', ''];
  if (chance(0.3) && order[0] === 0) lines.push(write(footer));
  return lines.join(end) + pick(['', end, end + end]);
}

function encode(text: string, pick: Pick): Buffer {
  const utf8 = Buffer.from(text, 'utf8');
  const latin = text.replaceAll('€', 'EUR').replaceAll('\u2212', '-');
  return pick([
    () => utf8,
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]),
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
    () => Buffer.from(latin, 'latin1'),
  ])();
}
