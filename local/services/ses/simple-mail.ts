import { notServed } from '#local/kernel/aws-error.ts';
import { composeMime, type Attachment } from './mime/compose-mime.ts';
import type { Draft } from './draft.ts';
import { parseAddress } from './mail-address.ts';
import type {
  AttachmentInput,
  SendEmailInput,
  SimpleInput,
  TextInput,
} from './send-email-input.ts';
import { badRequest } from './ses-error.ts';
import { contentTypeOf } from './mime/content-type.ts';

/** Headers that a mail with simple content may not set by itself. */
const OWN_HEADERS = [
  'bcc',
  'cc',
  'content-disposition',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'reply-to',
  'return-path',
  'sender',
  'subject',
  'to',
];
const MOST_HEADERS = 15;

/**
 * Simple content as a mail.
 *
 * @param standard the headers that SES adds
 * @throws AwsError BadRequestException when the subject or both bodies are missing
 */
export function simpleMail(
  input: SendEmailInput,
  draft: Draft,
  standard: readonly (readonly [string, string])[],
  token: string,
): Buffer {
  const simple = input.Content?.Simple ?? {};
  const { Text, Html } = simple.Body ?? {};
  if (Text === undefined && Html === undefined) throw badRequest('Body is required.');
  const replyTo = (input.ReplyToAddresses ?? []).map((address) => parseAddress(address).text);
  const list = (name: string, addresses: readonly { readonly text: string }[]) =>
    addresses.length > 0 ? [[name, addresses.map(({ text }) => text).join(', ')] as const] : [];
  return composeMime({
    headers: [
      ...standard,
      ['From', draft.from.text],
      ...list('To', draft.to),
      ...list('Cc', draft.cc),
      ...list(
        'Reply-To',
        replyTo.map((text) => ({ text })),
      ),
      ['Subject', textOf('Subject', simple.Subject)],
      ...ownHeaders(simple),
    ],
    text: Text && textOf('Text', Text),
    html: Html && textOf('Html', Html),
    attachments: (simple.Attachments ?? []).map(attachmentOf),
    token,
  });
}

function textOf(what: string, text: TextInput | undefined): string {
  if (typeof text?.Data !== 'string') throw badRequest(`${what} is required.`);
  const charset = (text.Charset ?? 'US-ASCII').toUpperCase();
  if (charset !== 'UTF-8' && charset !== 'US-ASCII') throw notServed(`mails in ${charset}`);
  // SES assumes 7-bit ASCII when no charset is named and then spoils other characters.

  if (charset === 'US-ASCII' && /[^\x00-\x7f]/.test(text.Data)) {
    throw notServed(`${what} with characters beyond ASCII and no Charset`);
  }
  return text.Data;
}

function ownHeaders({ Headers = [] }: SimpleInput): [string, string][] {
  if (Headers.length > MOST_HEADERS) throw badRequest(`At most ${MOST_HEADERS} headers.`);
  return Headers.map(({ Name = '', Value = '' }) => {
    if (!/^[\x21-\x39\x3b-\x7e]{1,126}$/.test(Name) || OWN_HEADERS.includes(Name.toLowerCase())) {
      throw badRequest(`Invalid header name ${Name}.`);
    }
    if (!/^[\x20-\x7e]{1,870}$/.test(Value)) throw badRequest(`Invalid value of header ${Name}.`);
    return [Name, Value];
  });
}

function attachmentOf(input: AttachmentInput): Attachment {
  const { FileName, RawContent, ContentDisposition = 'ATTACHMENT', ContentType } = input;
  if (!FileName || RawContent === undefined) {
    throw badRequest('An attachment needs FileName and RawContent.');
  }
  if (!/^(ATTACHMENT|INLINE)$/.test(ContentDisposition)) {
    throw badRequest(`Invalid ContentDisposition ${ContentDisposition}.`);
  }
  const contentType = ContentType ?? contentTypeOf(FileName);
  const held = [FileName, contentType, input.ContentId ?? ''].join('');

  if (/[\x00-\x1f\x7f]/.test(held)) throw badRequest('An attachment has control characters.');
  return {
    fileName: FileName,
    contentType,
    disposition: ContentDisposition === 'INLINE' ? 'inline' : 'attachment',
    content: Buffer.from(RawContent, 'base64'),
    ...(input.ContentId === undefined ? {} : { contentId: input.ContentId }),
    ...(input.ContentDescription === undefined ? {} : { description: input.ContentDescription }),
  };
}
