import { encodeHeader } from './encoded-word.ts';
import { quotedPrintable } from './quoted-printable.ts';

/** A file in a mail. */
export interface Attachment {
  readonly fileName: string;
  readonly contentType: string;
  readonly disposition: 'attachment' | 'inline';
  readonly contentId?: string;
  readonly description?: string;
  readonly content: Buffer;
}

/** A mail before it is text. */
export interface MailParts {
  /** Address headers, in ASCII, and the subject, in any characters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly Attachment[];
  /** Makes the boundaries; must not occur in the mail. */
  readonly token: string;
}

interface Entity {
  readonly contentHeaders: readonly string[];
  readonly body: string;
}

/** The mail as it travels, with CRLF line ends. */
export function composeMime(mail: MailParts): Buffer {
  const bodies: Entity[] = [];
  if (mail.text !== undefined) bodies.push(textEntity('plain', mail.text));
  if (mail.html !== undefined) bodies.push(textEntity('html', mail.html));
  const content = together('alternative', bodies, `${mail.token}.alternative`);
  const files = mail.attachments.map(fileEntity);
  const whole =
    files.length > 0 ? together('mixed', [content, ...files], `${mail.token}.mixed`) : content;
  const headers = mail.headers.map(([name, value]) => `${name}: ${encodeHeader(value)}`);
  return Buffer.from(
    [...headers, 'MIME-Version: 1.0', ...whole.contentHeaders, '', whole.body].join('\r\n'),
  );
}

const textEntity = (kind: 'plain' | 'html', text: string): Entity => ({
  contentHeaders: [
    `Content-Type: text/${kind}; charset=UTF-8`,
    'Content-Transfer-Encoding: quoted-printable',
  ],
  body: quotedPrintable(text),
});

function fileEntity(file: Attachment): Entity {
  const name = parameter(file.fileName);
  return {
    contentHeaders: [
      `Content-Type: ${file.contentType}; name${name}`,
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: ${file.disposition}; filename${name}`,
      ...(file.contentId === undefined ? [] : [`Content-ID: <${file.contentId}>`]),
      ...(file.description === undefined
        ? []
        : [`Content-Description: ${encodeHeader(file.description)}`]),
    ],
    body: (file.content.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n'),
  };
}

/** A parameter's value, in the form of RFC 2231 when it is not plain ASCII. */
function parameter(value: string): string {
  return /^[\x20-\x7e]*$/.test(value)
    ? `="${value.replaceAll(/["\\]/g, '\\$&')}"`
    : `*=UTF-8''${encodeURIComponent(value)}`;
}

function together(
  kind: 'alternative' | 'mixed',
  parts: readonly Entity[],
  boundary: string,
): Entity {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const body = parts.map(
    (part) => `--${boundary}\r\n${part.contentHeaders.join('\r\n')}\r\n\r\n${part.body}\r\n`,
  );
  return {
    contentHeaders: [`Content-Type: multipart/${kind};\r\n boundary="${boundary}"`],
    body: `${body.join('')}--${boundary}--\r\n`,
  };
}
