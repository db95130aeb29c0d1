import {
  asRecord,
  lastCall,
  parseJson,
  stringIn,
  type Conversation,
  type KnownFile,
} from '../../conversation.ts';
import { knownFiles } from '../list-files.ts';
import { callTool, whatBecame, type Move, type Skill } from '../skill.ts';
import { isTable, readLayout } from './columns.ts';
import { lengthOf, writeMail } from './mail.ts';
import { cleanName, makePlan, writeProgram, type Plan } from './plan.ts';
import { readOrder, recipientsIn, type Order } from './read-order.ts';
import { count, money, Summary } from './summary.ts';

/** Characters of a table that are looked at to learn its layout. */
const HEAD_CHARACTERS = 4000;
const TABLES_MOST = 8;
/** Seconds that the program may take; a table of 100,000 rows takes about 3. */
const PROGRAM_SECONDS = 120;

/** Cleans up tables of invoices, totals them and mails a summary. */
export const cleanUp: Skill = {
  can: 'clean up a CSV of invoices, total it by a column, and mail the summary to a contact',
  next(conversation) {
    const order = readOrder(conversation);
    return order && (findTables(conversation) ?? planned(conversation, order));
  },
};

/** Looks which files there are and how they begin; undefined once that is known. */
function findTables(conversation: Conversation): Move | undefined {
  const files = knownFiles(conversation);
  if (!files) return callTool(conversation, 'list_artifacts', {}, 'I look which files there are.');
  const tables = chosenTables(conversation, files);
  if (tables.length === 0)
    return {
      say: `I see no CSV to clean up. Files: ${files.map(({ name }) => name).join(', ') || 'none'}.`,
    };
  if (tables.length > TABLES_MOST)
    return {
      say: `These are ${tables.length} tables; I clean up at most ${TABLES_MOST} at once. Name the ones that are meant.`,
    };
  if (!conversation.tools.has('read_artifact'))
    return callTool(conversation, 'read_artifact', {}, '');
  const unread = tables.filter(({ name }) => headOf(conversation, name) === undefined);
  if (unread.length === 0) return undefined;
  const failed = unread
    .map(({ name }) => readsOf(conversation, name).at(-1))
    .find((call) => call !== undefined);
  if (failed)
    return { say: `Reading ${String(failed.input['name'])} ${whatBecame(failed.observation)}.` };
  return {
    call: unread.map(({ name }) => ({
      tool: 'read_artifact',
      input: { name, max_chars: HEAD_CHARACTERS },
    })),
    because: `I look how ${unread.map(({ name }) => name).join(', ')} ${unread.length === 1 ? 'begins' : 'begin'}.`,
  };
}

/** The tables that the program was given; before that those that the words name, else all of them. */
function chosenTables(
  conversation: Conversation,
  files: readonly KnownFile[],
): readonly KnownFile[] {
  const given = lastCall(conversation, 'run_code')?.input['files'];
  if (Array.isArray(given)) return files.filter(({ name }) => given.includes(name));
  const tables = files.filter(isTable);
  const named = tables.filter(({ name }) => conversation.words.includes(name));
  if (named.length > 0) return named;
  const made = new Set(tables.map(({ name }) => cleanName(name)));
  return tables.filter(({ name }) => !made.has(name));
}

const readsOf = ({ past }: Conversation, name: string) =>
  past.filter((call) => call.tool === 'read_artifact' && call.input['name'] === name);

function headOf(conversation: Conversation, name: string): string | undefined {
  const read = readsOf(conversation, name).find(({ observation }) => observation.status === 'done');
  return read && stringIn(read.observation.output, 'text', 'content');
}

function planned(conversation: Conversation, order: Order): Move {
  const tables = chosenTables(conversation, knownFiles(conversation) ?? []);
  const plan = makePlan(
    tables.map(({ name }) => readLayout(name, headOf(conversation, name) ?? '')),
    order,
  );
  if ('unclear' in plan) return { say: plan.unclear };
  const run = lastCall(conversation, 'run_code');
  if (!run)
    return callTool(
      conversation,
      'run_code',
      {
        language: 'python',
        code: writeProgram(plan),
        files: tables.map(({ name }) => name),
        timeout_seconds: PROGRAM_SECONDS,
      },
      `I clean up the rows and total them by ${plan.group_name}, with a program.`,
    );
  const { status, output } = run.observation;
  if (status !== 'done')
    return {
      say: `The program that cleans up ${whatBecame(run.observation)}. Nothing was mailed.`,
    };
  const summary = summaryIn(stringIn(output, 'stdout')) ?? savedSummary(conversation, plan);
  if (summary) return mailed(conversation, order, plan, summary);
  const complaint = stringIn(output, 'stderr')?.trim().slice(-500) ?? '';
  const exitCode = asRecord(output)['exit_code'];
  if (exitCode === 0 && readsOf(conversation, plan.summary).length === 0)
    return callTool(conversation, 'read_artifact', { name: plan.summary }, 'I read the summary.');
  return {
    say: `The program that cleans up ended with exit code ${String(exitCode)}. Nothing was mailed. ${complaint}`.trim(),
  };
}

const savedSummary = (conversation: Conversation, plan: Plan): Summary | undefined =>
  summaryIn(headOf(conversation, plan.summary));

function summaryIn(text: string | undefined): Summary | undefined {
  const parsed = Summary.safeParse(parseJson(text ?? ''));
  return parsed.success ? parsed.data : undefined;
}

function mailed(conversation: Conversation, order: Order, plan: Plan, summary: Summary): Move {
  const found = tellSummary(plan, summary);
  if (!order.wantsMail) return { say: found };
  const sent = lastCall(conversation, 'send_email');
  const { subject, text, attachments } = writeMail(summary, plan);
  if (sent) {
    const to = String(sent.input['to']).replaceAll(',', ', ');
    if (sent.observation.status === 'done')
      return {
        say: `${found} The summary was mailed to ${to} with ${attachments.join(' and ')} attached.`,
      };
    return { say: `${found} The mail to ${to} ${whatBecame(sent.observation)}; it was not sent.` };
  }
  const asked = lastCall(conversation, 'ask_person');
  const to = recipientsOf(conversation, order);
  if (to.length > 0)
    return callTool(
      conversation,
      'send_email',
      { to, subject, text, attachments },
      'I mail the summary.',
    );
  const whom = order.unknownRecipient || 'the recipient';
  if (asked || !conversation.tools.has('ask_person'))
    return { say: `${found} I know no address for ${whom}, so nothing was mailed.` };
  return callTool(
    conversation,
    'ask_person',
    { question: `To which e-mail address shall the summary for ${whom} go?` },
    `I know no address for ${whom}.`,
  );
}

function recipientsOf(conversation: Conversation, order: Order): readonly string[] {
  if (order.recipients.length > 0) return order.recipients;
  const asked = lastCall(conversation, 'ask_person');
  if (asked?.observation.status !== 'done') return [];
  const answer = stringIn(asked.observation.output, 'answer', 'text', 'comment') ?? '';
  return recipientsIn(answer, conversation.contacts);
}

function tellSummary(plan: Plan, summary: Summary): string {
  const totals = summary.totals.map((sum) => money(sum.amount, sum.currency)).join(' and ');
  const open = [
    [lengthOf(summary, 'conflicting'), 'conflicting duplicate'],
    [
      lengthOf(summary, 'missing_group'),
      `invoice without a ${plan.group_name}`,
      `invoices without a ${plan.group_name}`,
    ],
    [lengthOf(summary, 'unreadable'), 'row that cannot be read', 'rows that cannot be read'],
  ] as const;
  const listed = open
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => count(number, one, many))
    .join(', ');
  return [
    `I cleaned up ${plan.tables.map(({ file }) => file).join(', ')}: ${count(summary.rows_read, 'row')} read, ${count(summary.identical_duplicates_dropped, 'identical duplicate')} dropped, ${count(summary.invoices_counted, 'invoice')} counted, ${totals || 'nothing'} in total.`,
    ...(listed ? [`Listed for a person to look at: ${listed}.`] : []),
  ].join(' ');
}
