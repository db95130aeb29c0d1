import { createHash } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { SideDoor } from '#local/kernel/front-door.ts';
import type { WireResponse } from '#local/kernel/service.ts';
import { MailStore, type SentMail } from '../mail-store.ts';
import { decodeHeader } from '../mime/encoded-word.ts';
import { parseMime } from '../mime/parse-mime.ts';
import { listPage, mailPage, MAILBOX_PATH, subjectOf, type OpenMail } from './mailbox-page.ts';
import { MAILBOX_STYLE } from './mailbox-style.ts';

/** Mails on the page. */
const SHOWN = 200;
/** Mails in the list for programs. */
const LISTED = 2000;

/** The page runs nothing and loads nothing; only its one style sheet and its own frame. */
const STYLE_HASH = createHash('sha256').update(MAILBOX_STYLE).digest('base64');
const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A mail's HTML may style itself and show pictures that it carries. */
const MAIL_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/**
 * The mailbox: `/_local/mailbox` for people, `/_local/mailbox.json` for programs, and
 * `/_local/mailbox/<id>.eml` for one mail as it travels.
 *
 * Only requests to 127.0.0.1 or localhost are answered, so that no foreign name can be pointed at it.
 */
export function mailboxDoor(cloud: Cloud): SideDoor {
  const mails = new MailStore(cloud);
  return async (request) => {
    const { path, method, headers } = request;
    if (path !== MAILBOX_PATH && !/^\/_local\/mailbox[./]/.test(path)) return undefined;
    if (!isOwnHost(headers.host ?? '')) return refusal(403, 'Only 127.0.0.1 and localhost.');
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'Only GET.');
    return answer(mails, path) ?? refusal(404, 'There is no such mail.');
  };
}

const isOwnHost = (host: string): boolean => /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(host);

function answer(mails: MailStore, path: string): WireResponse | undefined {
  if (path === MAILBOX_PATH || path === `${MAILBOX_PATH}/`) {
    return page(listPage(mails.newest(SHOWN)));
  }
  if (path === `${MAILBOX_PATH}.json`) {
    return respond('application/json', JSON.stringify(mails.newest(LISTED).map(asJson)));
  }
  const found = /^\/_local\/mailbox\/([0-9a-f-]+)(\.eml|\.html|\/attachments\/(\d{1,4}))?$/.exec(
    path,
  );
  const mail = found?.[1] === undefined ? undefined : mails.find(found[1]);
  if (!found || !mail) return undefined;
  const [, , part, index] = found;
  if (part === undefined) return page(mailPage(opened(mail)));
  if (part === '.eml') return download('message/rfc822', `${mail.id}.eml`, mail.mime);
  if (part === '.html') return mailHtml(mail);
  return attachment(mail, Number(index));
}

const opened = (mail: SentMail): OpenMail => ({ mail, parsed: parseMime(mail.mime) });

/** A mail as programs read it: names in snake case, each tag with its value, `text` never missing. */
function asJson(mail: SentMail): Record<string, unknown> {
  const parsed = parseMime(mail.mime);
  const tags = Object.entries(mail.tags).map(([name, values]) => [name, values.join(',')]);
  return {
    id: mail.id,
    at: new Date(mail.at).toISOString(),
    from: decodeHeader(mail.source),
    to: mail.to.map(decodeHeader),
    cc: mail.cc.map(decodeHeader),
    bcc: mail.bcc.map(decodeHeader),
    subject: subjectOf(parsed),
    text: parsed.text ?? '',
    html: parsed.html ?? null,
    tags: Object.fromEntries(tags) as Record<string, string>,
    configuration_set: mail.configurationSet ?? null,
    attachments: parsed.attachments.map(({ fileName, contentType, content }) => ({
      name: fileName,
      media_type: contentType,
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
}

function mailHtml(mail: SentMail): WireResponse | undefined {
  const { html } = parseMime(mail.mime);
  if (html === undefined) return undefined;
  return respond('text/html; charset=utf-8', html, { 'content-security-policy': MAIL_POLICY });
}

function attachment(mail: SentMail, index: number): WireResponse | undefined {
  const file = parseMime(mail.mime).attachments[index];
  return file && download('application/octet-stream', file.fileName, file.content);
}

const download = (type: string, name: string, body: Buffer): WireResponse =>
  respond(type, body, {
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  });

const page = (body: string): WireResponse => respond('text/html; charset=utf-8', body);

const refusal = (status: number, reason: string): WireResponse => ({
  ...respond('text/plain; charset=utf-8', `${reason}\n`),
  status,
});

function respond(
  type: string,
  body: string | Buffer,
  more: Readonly<Record<string, string>> = {},
): WireResponse {
  return {
    status: 200,
    headers: {
      'content-type': type,
      'content-security-policy': PAGE_POLICY,
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...more,
    },
    body,
  };
}
