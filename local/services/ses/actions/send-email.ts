import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action, Call, IamRequest, Principal } from '#local/kernel/service.ts';
import { draftOf, recipientsOf, type Draft } from '../draft.ts';
import type { Identity } from '../identity-store.ts';
import { parseAddress } from '../mail-address.ts';
import { publishSent } from '../mail-events.ts';
import type { SentMail } from '../mail-store.ts';
import { isRefusedFile } from '../mime/content-type.ts';
import { parseMime } from '../mime/parse-mime.ts';
import { rawMail } from '../raw-mail.ts';
import { DELIVERY_TOPIC, type SesContext } from '../ses-context.ts';
import { badRequest, messageRejected, notFound } from '../ses-error.ts';
import type { SendEmailInput } from '../send-email-input.ts';
import { simpleMail } from '../simple-mail.ts';

/** The largest mail of the v2 API, with everything encoded. */
const MOST_BYTES = 40 * 1024 * 1024;

/** SendEmail. Nothing is deduplicated: each call sends a mail. */
export const sendEmail = (ses: SesContext): Action<SendEmailInput> => ({
  authorize: (input) => needsOf(ses, input, draftOf(input)),
  run(input, call) {
    const draft = draftOf(input);
    const identity = verifiedIdentity(ses, draft, input.FromEmailAddress);
    const configurationSet = configurationSetOf(ses, draft, identity);
    const at = ses.cloud.now();
    const id = messageId(at);
    const standard = [
      ['Date', new Date(at).toUTCString().replace('GMT', '+0000')],
      ['Message-ID', `<${id}@${messageIdDomain(ses.cloud.region)}>`],
    ] as const;
    const mime = draft.raw
      ? rawMail(draft.raw, draft.from.text, standard)
      : simpleMail(input, draft, standard, randomUUID());
    checkMail(mime);
    const mail: SentMail = {
      id,
      at,
      source: draft.from.text,
      identity: identity.name,
      to: draft.to.map(({ text }) => text),
      cc: draft.cc.map(({ text }) => text),
      bcc: draft.bcc.map(({ text }) => text),
      mime,
      tags: allTags(draft, configurationSet, call),
      configurationSet,
      delivered: false,
    };
    ses.mails.add(mail);
    publishSent(ses, mail);
    ses.cloud.wake(DELIVERY_TOPIC);
    return { MessageId: id };
  },
});

/** Simple content needs ses:SendEmail and raw content ses:SendRawEmail, also in the v2 API. */
function needsOf(ses: SesContext, input: SendEmailInput, draft: Draft): IamRequest[] {
  const action = draft.raw ? 'ses:SendRawEmail' : 'ses:SendEmail';
  const identity = ses.identities.behind(draft.from);
  const set = draft.configurationSet ?? identity?.configuration_set;
  const conditions = {
    'ses:ApiVersion': '2',
    'ses:FromAddress': draft.from.address,
    'ses:Recipients': recipientsOf(draft),
    ...(draft.from.name === '' ? {} : { 'ses:FromDisplayName': draft.from.name }),
  };
  const resources = [
    ses.identities.arn(identity?.name ?? draft.from.address),
    ...(set ? [ses.configurationSets.arn(set)] : []),
  ];
  return resources.map((resource) => ({ action, resource, conditions }));
}

function verifiedIdentity(ses: SesContext, draft: Draft, envelope: string | undefined): Identity {
  const senders = [draft.from, ...(envelope === undefined ? [] : [parseAddress(envelope)])];
  const unverified = senders.filter((sender) => !ses.identities.behind(sender));
  const identity = ses.identities.behind(draft.from);
  if (identity && unverified.length === 0) return identity;
  const names = [...new Set(unverified.map(({ address }) => address))];
  throw messageRejected(
    `Email address is not verified. The following identities failed the check in region ${ses.cloud.region.toUpperCase()}: ${names.join(', ')}`,
  );
}

function configurationSetOf(ses: SesContext, draft: Draft, identity: Identity): string | undefined {
  const name = draft.configurationSet ?? identity.configuration_set ?? undefined;
  if (name === undefined) return undefined;
  const set = ses.configurationSets.find(name);
  if (!set) throw notFound(`Configuration set <${name}> does not exist.`);
  if (!set.sendingEnabled) {
    throw new AwsError(
      'SendingPausedException',
      `Sending is paused for configuration set ${name}.`,
    );
  }
  return name;
}

function checkMail(mime: Buffer): void {
  if (mime.length > MOST_BYTES) {
    throw badRequest(`Message length is more than ${MOST_BYTES} bytes long: '${mime.length}'.`);
  }
  const refused = parseMime(mime).attachments.find(({ fileName }) => isRefusedFile(fileName));
  if (refused) throw messageRejected(`Unsupported attachment type: ${refused.fileName}`);
}

/** The tags of the request and those that SES adds by itself. */
function allTags(
  draft: Draft,
  configurationSet: string | undefined,
  call: Call,
): Record<string, string[]> {
  const tags: Record<string, string[]> = {
    ...(configurationSet === undefined ? {} : { 'ses:configuration-set': [configurationSet] }),
    'ses:source-ip': ['127.0.0.1'],
    'ses:from-domain': [draft.from.domain],
    'ses:caller-identity': [callerName(call.principal)],
  };
  for (const [name, value] of draft.tags) (tags[name] ??= []).push(value);
  return tags;
}

function callerName(principal: Principal): string {
  switch (principal.kind) {
    case 'root':
      return 'root';
    case 'role':
      return principal.roleArn.split('/').at(-1) ?? '';
    case 'service':
      return principal.service;
  }
}

/** In the shape of SES: time in hexadecimal, a UUID, a counter. */
const messageId = (at: number): string =>
  `0100${at.toString(16).padStart(12, '0')}-${randomUUID()}-000000`;

const messageIdDomain = (region: string): string =>
  region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`;
