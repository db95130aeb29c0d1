import type { Conversation } from '../../conversation.ts';

/** What the words ask for, when they ask to clean up or total a table. */
export interface Order {
  /** Words after "by", such as `customer` or `sales region`; empty when none are said. */
  readonly groupWords: readonly string[];
  readonly wantsMail: boolean;
  /** Addresses of the contacts and the literal addresses that the words name. */
  readonly recipients: readonly string[];
  /** What the words call the recipient when it is no known contact. */
  readonly unknownRecipient: string;
}

const CLEAN =
  /\b(clean|tidy|dedup\w*|de-dup\w*|duplicates?|bereinig\w*|aufräum\w*|nettoy\w*|limpi\w*|puli\w*|opschon\w*)/iu;
const TOTAL =
  /\b(totals?|totall?ed|sum|sums|add up|summier\w*|total\w*|somm\w*|suma\w*|optel\w*)\b/iu;
const TABLE =
  /\b(invoices?|bills?|csv|tables?|rows?|spreadsheets?|rechnungen?|factures?|facturas?|fatture?|facturen)\b/iu;
const MAIL =
  /(?<![\w.])(e-?mail|mail|send|schick\w*|sende\w*|envo\w+|envía\w*|enviar|invia\w*|stuur)(?![\w@])/iu;

/** The order in the words, or undefined when they ask for something else. */
export function readOrder({ words, contacts }: Conversation): Order | undefined {
  const isAsked = CLEAN.test(words) || TOTAL.test(words);
  if (!isAsked || !(TABLE.test(words) || (CLEAN.test(words) && TOTAL.test(words))))
    return undefined;
  const mail = MAIL.exec(words);
  const afterMail = mail ? words.slice(mail.index) : '';
  const recipients = mail ? recipientsIn(afterMail, contacts) : [];
  return {
    groupWords: [
      ...words.matchAll(
        /\b(?:by|per|for each|for every|nach|je|pro|par|por)\s+(?:the\s+|den\s+)?(\p{L}[\p{L}-]*)(?:\s+(\p{L}[\p{L}-]*))?/giu,
      ),
    ].flatMap(([, one = '', two = '']) => (two ? [`${one} ${two}`, one] : [one])),
    wantsMail: mail !== null,
    recipients,
    unknownRecipient:
      /\b(?:to|an|à|a|naar)\s+(?:the\s+|our\s+)?(\p{L}[\p{L}\p{N}._-]*)/iu.exec(afterMail)?.[1] ??
      '',
  };
}

/** The addresses in a text: literal ones, and those of the contacts that it names. */
export function recipientsIn(text: string, contacts: ReadonlyMap<string, string>): string[] {
  const literal = text.match(/[^\s@<>,;:()"']+@[^\s@<>,;:()"']+\.\p{L}{2,}/giu) ?? [];
  const named = [...contacts].filter(([name]) => nameIn(text, name)).map(([, address]) => address);
  return [...new Set([...literal, ...named])];
}

function nameIn(text: string, name: string): boolean {
  const at = text.toLowerCase().indexOf(name);
  if (at < 0) return false;
  const isEdge = (sign: string | undefined) => sign === undefined || !/[\p{L}\p{N}@]/u.test(sign);
  return isEdge(text[at - 1]) && isEdge(text[at + name.length]);
}
