import type { KnownFile } from '../../conversation.ts';
import { readCells } from './read-cells.ts';

/** What a column of a table of invoices can mean. */
export type Role = 'number' | 'customer' | 'date' | 'amount' | 'currency';

/** How a table is written, as far as its beginning tells. */
export interface Layout {
  readonly file: string;
  readonly delimiter: string;
  /** Index of the header among the rows that are not blank. */
  readonly headerRow: number;
  readonly header: readonly string[];
  readonly columns: Readonly<Partial<Record<Role, number>>>;
  /** A currency that the header of the amounts names, such as `EUR`; else empty. */
  readonly currency: string;
}

const CURRENCY_CODES =
  'eur|usd|gbp|chf|jpy|cad|aud|nzd|sek|nok|dkk|pln|czk|huf|ron|inr|cny|brl|mxn|zar|sgd|hkd';
const SYMBOLS: Readonly<Record<string, string>> = { '€': 'eur', $: 'usd', '£': 'gbp', '¥': 'jpy' };

/**
 * Headers by meaning, the surest first, on headers in lower case without accents and signs. English
 * in full; German, French, Spanish, Italian and Dutch as invoices there are usually headed.
 */
const MEANINGS: Readonly<Record<Role, readonly RegExp[]>> = {
  number: [
    /^(invoice|inv|bill|rechnungs?|facture|factura|fattura|factuur) ?(number|numero|nummer|num|nr|no|id)$/,
    /^(number|no|nr|num|n|numero|nummer|id) (of |de la |de |della |di |van )?(the )?(invoice|bill|facture|factura|fattura|factuur|rechnung)$/,
    /^(document|doc|voucher|reference|ref|beleg|receipt|boleta) ?(number|numero|nummer|num|nr|no|id)$/,
    /^(invoice|inv|rechnung|facture|factura|fattura|factuur|reference|ref|beleg|document|doc)$/,
    /^(number|numero|nummer|nr|no|id)$/,
  ],
  customer: [
    /^(customer|client|cliente|klant|kunden?|buyer|debtor|debitor) ?(name|nombre|nome|naam|company)?$/,
    /^(nom|nombre|nome|naam|name) (du |de la |del |de |of |della |van )?(the )?(client|cliente|klant|customer|kunden)$/,
    /^(bill(ed)? to|sold to|invoiced to|payer|account( name)?|company( name)?|recipient|empfanger|rechnungsempfanger)$/,
    /^(firma|societe|empresa|azienda|bedrijf|raison sociale|organi[sz]ation)$/,
    /^(vendor|supplier|lieferant|fournisseur|proveedor|fornitore|party|name)( name)?$/,
  ],
  date: [
    /^(invoice|inv|bill|billing|rechnungs?|factuur|issue|issued) ?(date|datum|on)$/,
    /^(date|fecha|data|datum) (of |de la |de |della |di |van )?(the )?(invoice|bill|issue|facture|factura|fattura|emision|emission)$/,
    /^(date|datum|fecha|data|day|issued|dated)$/,
    /^(document|doc|beleg|posting|booking) ?(date|datum)$/,
  ],
  amount: [
    /^(invoice|gross|grand|rechnungs?) ?(total|amount|betrag|sum)$/,
    /^(total|amount|bruttobetrag|gesamtbetrag|montant ttc|importe total|importo totale|totaal|total (amount|due|gross|ttc)|amount (due|gross|total))$/,
    /^(betrag|summe|gesamt|brutto|montant|importe|importo|bedrag|sum|gross|value|wert|valor|totale)$/,
    /^(net|netto|nettobetrag|net (amount|total|value)|amount net|montant ht|price|preis|prix|precio|prezzo|charge)$/,
  ],
  currency: [/^(currency|ccy|curr|wahrung|devise|moneda|divisa|valuta|currency code)$/],
};

const ROLES = Object.keys(MEANINGS) as Role[];
const HEADER_ROWS_LOOKED_AT = 15;

/**
 * Finds out how a table is written from its beginning: delimiter, header row, and which column means
 * what. The header decides, because it holds no decimal commas. A table in UTF-16 arrives with a NUL
 * for each plain letter.
 */
export function readLayout(file: string, head: string): Layout {
  const text = head.includes('\0') ? head.replaceAll('\0', '').replace(/^\uFFFD+/u, '') : head;
  const candidates = [',', ';', '\t', '|'].flatMap((delimiter) =>
    readCells(text, delimiter)
      .slice(0, HEADER_ROWS_LOOKED_AT)
      .map((header, headerRow) => layoutOf(file, delimiter, headerRow, header)),
  );
  return candidates.reduce((best, layout) => (worth(layout) > worth(best) ? layout : best));
}

/** The header whose meaning a word of the task names, as in "by region"; undefined when none. */
export function columnNamed(layout: Layout, word: string): number | undefined {
  const wanted = plain(word);
  const role = ROLES.find((name) => MEANINGS[name].some((meaning) => meaning.test(wanted)));
  const headers = layout.header.map(plain);
  for (const spelling of [wanted, wanted.replace(/s$/, ''), `${wanted} name`]) {
    const index = headers.indexOf(spelling);
    if (index >= 0) return index;
  }
  return role === 'customer' ? layout.columns.customer : undefined;
}

/** True for files that are likely to be tables. */
export const isTable = ({ name, mediaType }: KnownFile): boolean =>
  /\.(csv|tsv|tab|psv)$/i.test(name) || /^text\/(csv|tab-separated-values)\b/.test(mediaType);

function layoutOf(
  file: string,
  delimiter: string,
  headerRow: number,
  header: readonly string[],
): Layout {
  const plainHeader = header.map(plain);
  const taken = new Set<number>();
  const columns: Partial<Record<Role, number>> = {};
  for (const role of ROLES) {
    const index = columnOf(role, plainHeader, taken);
    if (index === undefined) continue;
    columns[role] = index;
    taken.add(index);
  }
  const currency =
    columns.amount === undefined ? '' : currencyIn(header[columns.amount] ?? '').toUpperCase();
  return { file, delimiter, headerRow, header, columns, currency };
}

function columnOf(
  role: Role,
  header: readonly string[],
  taken: ReadonlySet<number>,
): number | undefined {
  for (const meaning of MEANINGS[role]) {
    const index = header.findIndex((text, i) => !taken.has(i) && means(text, meaning));
    if (index >= 0) return index;
  }
  return undefined;
}

/** A letter that could not be decoded may have been any of the letters that have accents. */
function means(text: string, meaning: RegExp): boolean {
  if (!text.includes('\uFFFD')) return meaning.test(text);
  return [...'aeiouc'].some((letter) => meaning.test(text.replaceAll('\uFFFD', letter)));
}

const worth = ({ columns, header }: Layout): number =>
  Object.keys(columns).length * 100 + Math.min(header.length, 99);

function currencyIn(header: string): string {
  const code = new RegExp(`\\b(${CURRENCY_CODES})\\b`, 'i').exec(header)?.[1];
  const symbol = Object.keys(SYMBOLS).find((sign) => header.includes(sign));
  return code ?? (symbol && SYMBOLS[symbol]) ?? '';
}

/** A header in lower case, without accents, signs and the name of a currency. */
function plain(header: string): string {
  const words = header
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/#|№|n[º°]/giu, ' no ')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\uFFFD]+/gu, ' ')
    .trim();
  const bare = words
    .replaceAll(new RegExp(`\\b(in )?(${CURRENCY_CODES}|euro|euros|dollars)\\b`, 'g'), ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return bare || words;
}
