import type { ServiceEvent } from '#local/kernel/cloud.ts';
import type { SentMail } from './mail-store.ts';
import { parseAddress, splitAddresses } from './mail-address.ts';
import { decodeHeader } from './mime/encoded-word.ts';
import { parseHeaders, type Header } from './mime/mime-headers.ts';
import type { SesContext } from './ses-context.ts';

/** Bytes of headers that an event carries at most. */
const MOST_HEADER_BYTES = 10_240;

/** Tells the event bus that SES took a mail, when its configuration set wants that. */
export function publishSent(ses: SesContext, mail: SentMail): void {
  publish(ses, mail, 'SEND', 'Email Sent', { eventType: 'Send', send: {} });
}

/** Tells the event bus that a mail arrived, when its configuration set wants that. */
export function publishDelivered(ses: SesContext, mail: SentMail): void {
  const now = ses.cloud.now();
  publish(ses, mail, 'DELIVERY', 'Email Delivered', {
    eventType: 'Delivery',
    delivery: {
      timestamp: new Date(now).toISOString(),
      processingTimeMillis: now - mail.at,
      recipients: recipientsOf(mail),
      smtpResponse: '250 2.6.0 Message received',
      remoteMtaIp: '127.0.0.1',
      reportingMTA: 'mailbox.localhost',
    },
  });
}

function publish(
  ses: SesContext,
  mail: SentMail,
  type: string,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
): void {
  const set = mail.configurationSet;
  if (set === undefined || !ses.configurationSets.publishes(set, type)) return;
  const event: ServiceEvent = {
    source: 'aws.ses',
    detailType,
    resources: [ses.configurationSets.arn(set)],
    detail: { ...detail, mail: mailDetail(ses, mail) },
  };
  ses.cloud.publishEvent(event);
}

function mailDetail(ses: SesContext, mail: SentMail): Record<string, unknown> {
  const all = parseHeaders(mail.mime.toString('latin1')).headers;
  const headers = withinLimit(all);
  return {
    timestamp: new Date(mail.at).toISOString(),
    source: mail.source,
    sourceArn: ses.identities.arn(mail.identity),
    sendingAccountId: ses.cloud.account,
    messageId: mail.id,
    destination: recipientsOf(mail),
    headersTruncated: headers.length < all.length,
    headers,
    commonHeaders: commonHeaders(mail.id, all),
    tags: mail.tags,
  };
}

const recipientsOf = ({ to, cc, bcc }: SentMail): string[] =>
  [...to, ...cc, ...bcc].map((text) => parseAddress(text).address);

function withinLimit(headers: readonly Header[]): Header[] {
  let bytes = 0;
  const kept: Header[] = [];
  for (const header of headers) {
    bytes += Buffer.byteLength(header.name) + Buffer.byteLength(header.value);
    if (bytes > MOST_HEADER_BYTES) break;
    kept.push(header);
  }
  return kept;
}

function commonHeaders(messageId: string, headers: readonly Header[]): Record<string, unknown> {
  const value = (name: string) =>
    headers.find((header) => header.name.toLowerCase() === name)?.value;
  const list = (name: string, header: string) => {
    const text = value(header);
    return text === undefined ? {} : { [name]: splitAddresses(text) };
  };
  return {
    ...list('from', 'from'),
    ...list('replyTo', 'reply-to'),
    date: value('date'),
    ...list('to', 'to'),
    ...list('cc', 'cc'),
    messageId,
    subject: decodeHeader(value('subject') ?? ''),
  };
}
