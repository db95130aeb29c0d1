import type { SentMail } from '../mail-store.ts';
import { decodeHeader } from '../mime/encoded-word.ts';
import { parseHeaders } from '../mime/mime-headers.ts';
import type { ParsedMail } from '../mime/parse-mime.ts';
import { Html, html } from './html.ts';
import { MAILBOX_STYLE } from './mailbox-style.ts';

/** Where the mailbox is served. */
export const MAILBOX_PATH = '/_local/mailbox';

/** A mail with what its MIME says. */
export interface OpenMail {
  readonly mail: SentMail;
  readonly parsed: ParsedMail;
}

/** The list of mails, the newest first. It reloads itself every ten seconds. */
export function listPage(mails: readonly SentMail[]): string {
  const content =
    mails.length === 0
      ? html`<p class="empty">No mail yet. What Mirai sends on this machine arrives here.</p>`
      : html`<ul class="mails">
          ${mails.map(listItem)}
        </ul>`;
  return page(
    'Mailbox',
    html`<h1>Mailbox</h1>
      <p class="quiet">Mail that was sent on this machine. None of it left the machine.</p>
      ${content}`,
    html`<meta http-equiv="refresh" content="10" />`,
  );
}

/** One mail. Its HTML is shown in a frame that can run nothing and fetch nothing. */
export function mailPage({ mail, parsed }: OpenMail): string {
  const base = `${MAILBOX_PATH}/${mail.id}`;
  return page(
    subjectOf(parsed),
    html`<a class="back" href="${MAILBOX_PATH}">All mail</a>
      <h1>${subjectOf(parsed)}</h1>
      <dl>
        ${facts(mail)}
        <dt>Sent</dt>
        <dd>${timeOf(mail)}</dd>
      </dl>
      ${tagList(mail)} ${section('Text', parsed.text, (text) => html`<pre>${text}</pre>`)}
      ${section(
        'HTML',
        parsed.html,
        () => html`<iframe sandbox="" title="The mail as HTML" src="${base}.html"></iframe>`,
      )}
      ${attachmentList(base, parsed)}
      <h2>Source</h2>
      <p><a href="${base}.eml" download>Download the mail as it travels (.eml)</a></p>`,
    html``,
  );
}

/** The decoded subject, or a word for none. */
export function subjectOf({ headers }: Pick<ParsedMail, 'headers'>): string {
  const subject = headers.find(({ name }) => name.toLowerCase() === 'subject')?.value ?? '';
  return decodeHeader(subject) || '(no subject)';
}

function listItem(mail: SentMail): Html {
  return html`<li>
    <a href="${MAILBOX_PATH}/${mail.id}">
      <span class="subject">${subjectOf(parseHeaders(mail.mime.toString('latin1')))}</span>
      ${timeOf(mail)}
      <span class="people"
        >${decodeHeader(mail.source)} to
        ${[...mail.to, ...mail.cc, ...mail.bcc].map(decodeHeader).join(', ')}</span
      >
    </a>
  </li>`;
}

function facts(mail: SentMail): Html[] {
  const rows: [string, readonly string[]][] = [
    ['From', [mail.source]],
    ['To', mail.to],
    ['Cc', mail.cc],
    ['Bcc', mail.bcc],
  ];
  return rows
    .filter(([, people]) => people.length > 0)
    .map(
      ([name, people]) =>
        html`<dt>${name}</dt>
          <dd>${people.map(decodeHeader).join(', ')}</dd>`,
    );
}

function tagList({ tags }: SentMail): Html {
  const own = Object.entries(tags).filter(([name]) => !name.startsWith('ses:'));
  if (own.length === 0) return html``;
  return html`<h2>Tags</h2>
    <ul class="chips">
      ${own.map(([name, values]) => html`<li>${name}: ${values.join(', ')}</li>`)}
    </ul>`;
}

function attachmentList(base: string, { attachments }: ParsedMail): Html {
  if (attachments.length === 0) return html``;
  return html`<h2>Attachments</h2>
    <ul class="chips">
      ${attachments.map(
        ({ fileName, content }, index) =>
          html`<li>
            <a href="${base}/attachments/${index}" download="${fileName}">${fileName}</a>
            <span class="quiet">${sizeOf(content.length)}</span>
          </li>`,
      )}
    </ul>`;
}

const section = (title: string, text: string | undefined, body: (text: string) => Html): Html =>
  text === undefined
    ? html``
    : html`<h2>${title}</h2>
        ${body(text)}`;

function timeOf({ at }: SentMail): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function page(title: string, body: Html, head: Html): string {
  const style = new Html(`<style>${MAILBOX_STYLE}</style>`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${head}${style}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`.text;
}
