import { columnNamed, type Layout } from './columns.ts';
import { READ_ROWS } from './program/read-rows.ts';
import { SORT_OUT } from './program/sort-out.ts';
import { UNDERSTAND } from './program/understand.ts';
import type { Order } from './read-order.ts';

/** What the program is told: where everything stands, never what it holds. */
export interface Plan {
  readonly tables: readonly {
    readonly file: string;
    readonly delimiter: string;
    readonly header_row: number;
    readonly columns: Readonly<Record<string, number>>;
    readonly currency: string;
    /** Name of the cleaned table. */
    readonly clean: string;
  }[];
  readonly group_by: 'column' | 'month' | 'year';
  /** What is grouped by, in a word. */
  readonly group_name: string;
  /** Name of the summary's file. */
  readonly summary: string;
}

const PROGRAM = [READ_ROWS, UNDERSTAND, SORT_OUT].join('\n\n');

/** The plan for tables whose layouts are known, or what cannot be made out, in words. */
export function makePlan(
  layouts: readonly Layout[],
  order: Order,
): Plan | { readonly unclear: string } {
  const missing = layouts.flatMap(({ file, columns, header }) => {
    const lacks = [
      ...(columns.number === undefined ? ['the invoice number'] : []),
      ...(columns.amount === undefined ? ['the amount'] : []),
    ];
    if (lacks.length === 0) return [];
    return [
      `In ${file} I find no column for ${lacks.join(' and ')}; its header says: ${header.join(' | ')}.`,
    ];
  });
  if (missing.length > 0) return { unclear: missing.join('\n') };
  const group = findGroup(layouts, order.groupWords);
  if (!group) {
    const word = order.groupWords[0] ?? 'customer';
    const headers = layouts.map(({ file, header }) => `${file}: ${header.join(' | ')}`);
    return { unclear: `I find no column for “${word}” to total by. ${headers.join('; ')}.` };
  }
  return {
    tables: layouts.map((layout, i) => ({
      file: layout.file,
      delimiter: layout.delimiter,
      header_row: layout.headerRow,
      columns: {
        ...layout.columns,
        ...(group.indexes[i] !== undefined && { group: group.indexes[i] }),
      },
      currency: layout.currency,
      clean: cleanName(layout.file),
    })),
    group_by: group.by,
    group_name: group.name,
    summary: `${stemOf(layouts[0]?.file ?? 'table')}-summary.json`,
  };
}

const stemOf = (file: string): string => file.replace(/\.[^.]*$/, '').slice(0, 100);

/** What the cleaned table of a file is called. */
export const cleanName = (file: string): string => `${stemOf(file)}-clean.csv`;

interface Group {
  readonly by: Plan['group_by'];
  readonly name: string;
  readonly indexes: readonly (number | undefined)[];
}

function findGroup(layouts: readonly Layout[], words: readonly string[]): Group | undefined {
  for (const word of words) {
    const indexes = layouts.map((layout) => columnNamed(layout, word));
    if (indexes.every((index) => index !== undefined)) {
      const isCustomer = layouts.every(({ columns }, i) => columns.customer === indexes[i]);
      return { by: 'column', name: isCustomer ? 'customer' : word.toLowerCase(), indexes };
    }
    const period = /^(month|year)s?$/i.exec(word)?.[1]?.toLowerCase();
    if (period && layouts.every(({ columns }) => columns.date !== undefined))
      return { by: period as 'month' | 'year', name: period, indexes: [] };
  }
  const customers = layouts.map(({ columns }) => columns.customer);
  if (
    words.length > 0 &&
    !words.some((word) => /^(customer|client|name)/i.test(word)) &&
    !hasOnlyManners(words)
  )
    return undefined;
  if (customers.some((index) => index === undefined)) return undefined;
  return { by: 'column', name: 'customer', indexes: customers };
}

/** True when "by" was followed by a way of doing it ("by removing …"), not by a column. */
const hasOnlyManners = (words: readonly string[]): boolean =>
  words.every(
    (word) => /^\p{L}+(ing|hand|mail|tomorrow|today)\b/iu.test(word) || /^e-?mail/i.test(word),
  );

/** One Python program for every table: only the plan at its head differs. */
export function writeProgram(plan: Plan): string {
  const json = JSON.stringify(plan).replaceAll(
    /[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return PROGRAM.replace('json.loads("{}")', () => `json.loads(${JSON.stringify(json)})`);
}
