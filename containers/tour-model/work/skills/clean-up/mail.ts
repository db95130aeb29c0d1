import type { Plan } from './plan.ts';
import { count, money, type Listed, type Summary } from './summary.ts';

interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly string[];
}

/** The mail with the totals, everything that a person should look at, and how it was counted. */
export function writeMail(summary: Summary, plan: Plan): Mail {
  const files = plan.tables.map(({ file }) => file);
  const several = files.length > 1;
  const sections = [
    [
      `${files.join(', ')}: ${count(summary.rows_read, 'row')} read, ${count(summary.invoices_counted, 'invoice')} counted, ${count(summary.identical_duplicates_dropped, 'identical duplicate')} dropped.`,
      ...summary.totals.map((sum) => `Total: ${money(sum.amount, sum.currency)}`),
    ],
    ...lists(summary, plan.group_name, several),
    ['How it was counted:', ...rules(summary, plan)],
  ];
  const isCut = LISTS.some((name) => lengthOf(summary, name) > summary[name].length);
  const attachments = [...plan.tables.map(({ clean }) => clean), ...(isCut ? [plan.summary] : [])];
  sections.push([`Attached: ${attachments.join(', ')}`]);
  const [total] = summary.totals;
  const headline =
    total && summary.totals.length === 1
      ? `${count(summary.invoices_counted, 'invoice')}, ${money(total.amount, total.currency)}`
      : count(summary.invoices_counted, 'invoice');
  return {
    subject: `Invoices by ${plan.group_name}: ${headline}`,
    text: `${sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n')}\n`,
    attachments,
  };
}

const LISTS = [
  'by_group',
  'conflicting',
  'missing_group',
  'unreadable',
  'without_number',
  'unreadable_dates',
] as const;

/** How many entries a list has in the table, also those that were cut. */
export const lengthOf = ({ lengths, ...summary }: Summary, name: (typeof LISTS)[number]): number =>
  lengths[name] ?? summary[name].length;

/** What was found, list by list. */
function lists(summary: Summary, group: string, several: boolean): string[][] {
  const tell = (entry: Listed) => `- ${describe(entry, several)}`;
  const titled = (name: (typeof LISTS)[number], title: string, entries: readonly string[]) =>
    list(title, entries, lengthOf(summary, name));
  return [
    titled(
      'by_group',
      `Totals by ${group}:`,
      summary.by_group.map((sum) => tellSum(sum, group)),
    ),
    titled(
      'conflicting',
      'Conflicting duplicates, kept out of the totals until somebody decides:',
      conflicts(summary, several),
    ),
    titled(
      'missing_group',
      `Invoices without a ${group}, counted under “(no ${group})”:`,
      summary.missing_group.map(tell),
    ),
    titled(
      'unreadable',
      'Rows that cannot be read for certain, kept out of the totals:',
      summary.unreadable.map((entry) => `${tell(entry)}: ${entry.reason}`),
    ),
    titled(
      'without_number',
      'Invoices without a number, counted, but not comparable with others:',
      summary.without_number.map(tell),
    ),
    titled(
      'unreadable_dates',
      'Dates that cannot be read, left as they are:',
      summary.unreadable_dates.map(tell),
    ),
  ];
}

const tellSum = (sum: Summary['by_group'][number], group: string): string =>
  `- ${sum.name || `(no ${group})`}: ${money(sum.amount, sum.currency)} (${count(sum.invoices, 'invoice')})`;

/** A titled list; nothing for an empty one. What was cut stands in the attached summary. */
function list(title: string, entries: readonly string[], length: number): string[] {
  if (length === 0) return [];
  const more = length - entries.length;
  return [
    title,
    ...entries,
    ...(more > 0 ? [`- and ${more} more, all of them in the attached summary`] : []),
  ];
}

const conflicts = ({ conflicting }: Summary, several: boolean): string[] =>
  conflicting.map(({ number, versions }) =>
    [
      `- ${number}:`,
      ...versions.map(
        (version) =>
          `    ${place(version.lines, several ? version.file : '')}: ${version.customer || '(no customer)'}, ${version.date || 'no date'}, ${money(version.amount, version.currency)}`,
      ),
    ].join('\n'),
  );

function describe(entry: Listed, several: boolean): string {
  const parts = [
    entry.customer,
    entry.date,
    /^-?\d+(\.\d+)?$/.test(entry.amount)
      ? money(entry.amount, entry.currency)
      : entry.amount && `“${entry.amount}”`,
  ].filter(Boolean);
  return `${entry.number || '(no number)'}: ${parts.join(', ')} (${place([entry.line], several ? entry.file : '')})`;
}

const place = (lines: readonly number[], file: string): string =>
  `${file && `${file} `}${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;

function rules(summary: Summary, { group_name: group }: Plan): string[] {
  const { open_dates: open } = summary;
  const first = open.first.includes('day') ? 'day first' : 'month first';
  return [
    '- A duplicate is the same invoice number. Where everything else is equal too it was dropped; where the amount, currency, customer or date differs, every version is listed above and none is in the totals.',
    `- An invoice without a ${group} is not dropped: it is in the total, under “(no ${group})”.`,
    '- Names that differ only in upper and lower case or in spaces are one.',
    ...(summary.totals.length > 1 ? ['- Currencies are not added together.'] : []),
    ...(open.count > 0
      ? [
          `- ${count(open.count, 'date')} such as ${open.example} ${open.count === 1 ? 'was' : 'were'} read ${first}.`,
        ]
      : []),
    ...(summary.total_lines > 0
      ? [
          `- ${count(summary.total_lines, 'line')} with totals inside the table ${summary.total_lines === 1 ? 'was' : 'were'} left out.`,
        ]
      : []),
  ];
}
