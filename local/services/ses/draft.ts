import { notServed } from '#local/kernel/aws-error.ts';
import { parseAddress, splitAddresses, type MailAddress } from './mail-address.ts';
import { decodeHeader } from './mime/encoded-word.ts';
import { parseHeaders, type Header } from './mime/mime-headers.ts';
import { UNSERVED_MEMBERS, type SendEmailInput } from './send-email-input.ts';
import { badRequest } from './ses-error.ts';

/** Who sends a mail to whom, told from the request before anything is judged. */
export interface Draft {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  /** The configuration set and tags of the request or of the raw mail's own headers. */
  readonly configurationSet: string | undefined;
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** The raw mail; undefined for simple content. */
  readonly raw: Buffer | undefined;
}

/** From the SES quotas. */
const MOST_RECIPIENTS = 50;
const TAG = /^[A-Za-z0-9_-]{1,256}$/;
const TAG_VALUE = /^[A-Za-z0-9_.@-]{1,256}$/;

/** @throws AwsError BadRequestException for what SES refuses, NotServedLocally for templates and the like */
export function draftOf(input: SendEmailInput): Draft {
  refuseUnserved(input);
  const data = input.Content?.Raw?.Data;
  const raw = data === undefined ? undefined : Buffer.from(data, 'base64');
  const headers = raw ? parseHeaders(raw.toString('latin1')).headers : [];
  const { Destination = {} } = input;
  const named = Object.values(Destination as Record<string, readonly string[]>).flat().length > 0;
  const recipients = (given: readonly string[] | undefined, header: string) =>
    (named || !raw ? (given ?? []) : addressesIn(headers, header)).map(parseAddress);
  const draft: Draft = {
    from: parseAddress(senderOf(input, headers)),
    to: recipients(Destination.ToAddresses, 'to'),
    cc: recipients(Destination.CcAddresses, 'cc'),
    bcc: recipients(Destination.BccAddresses, 'bcc'),
    configurationSet:
      input.ConfigurationSetName ?? headerOf(headers, 'x-ses-configuration-set')?.value,
    tags: tagsOf(input, headers),
    raw,
  };
  checkRecipients(draft);
  return draft;
}

/** The addresses to which a mail goes, without names. */
export const recipientsOf = ({ to, cc, bcc }: Pick<Draft, 'to' | 'cc' | 'bcc'>): string[] =>
  [...to, ...cc, ...bcc].map(({ address }) => address);

export const headerOf = (headers: readonly Header[], name: string): Header | undefined =>
  headers.find((header) => header.name.toLowerCase() === name);

function refuseUnserved(input: SendEmailInput): void {
  for (const name of UNSERVED_MEMBERS) {
    if (name in input) throw notServed(`SendEmail with ${name}`);
  }
  const { Content = {} } = input;
  if ('Template' in Content) throw notServed('SendEmail with a template');
  if ((Content.Simple === undefined) === (Content.Raw === undefined)) {
    throw badRequest('Content must have exactly one of Simple, Raw and Template.');
  }
}

function senderOf(input: SendEmailInput, headers: readonly Header[]): string {
  const header = headerOf(headers, 'from')?.value;
  const sender = header === undefined ? input.FromEmailAddress : splitAddresses(header)[0];
  if (!sender) throw badRequest("Missing required header 'From'.");
  return sender;
}

const addressesIn = (headers: readonly Header[], name: string): string[] =>
  splitAddresses(headerOf(headers, name)?.value ?? '');

function checkRecipients(draft: Draft): void {
  const addresses = recipientsOf(draft);
  if (addresses.length === 0) throw badRequest('There must be at least one recipient.');
  if (addresses.length > MOST_RECIPIENTS) {
    throw badRequest(`Recipient count exceeds ${MOST_RECIPIENTS}.`);
  }
  const simulated = addresses.find((address) =>
    /^(?!success(\+.*)?@).*@simulator\.amazonses\.com$/i.test(address),
  );
  if (simulated) throw notServed(`the mailbox simulator's ${decodeHeader(simulated)}`);
}

function tagsOf(input: SendEmailInput, headers: readonly Header[]): [string, string][] {
  const inHeader = (headerOf(headers, 'x-ses-message-tags')?.value ?? '')
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair): [string, string] => {
      const [name = '', value = ''] = pair.split('=');
      return [name.trim(), value.trim()];
    });
  const given = (input.EmailTags ?? []).map(({ Name = '', Value = '' }): [string, string] => [
    Name,
    Value,
  ]);
  const tags = given.length > 0 ? given : inHeader;
  for (const [name, value] of tags) {
    if (!TAG.test(name)) throw badRequest(`Invalid tag name <${name}>.`);
    if (!TAG_VALUE.test(value)) throw badRequest(`Invalid tag value <${value}>.`);
  }
  return tags;
}
