import * as z from 'zod/mini';
import { FileName } from '../domain/artifact/file-name.ts';
import { MailRejected } from '../ports/mailer.ts';
import { defineTool } from './define-tool.ts';

/** SES: 0.10 USD per 1,000 mails. Source: the price list in bench/cost. */
const MAIL_MICROS = 100;
/** Attachments in all; SES takes 40 MB a message after base64. */
const MAX_ATTACHMENT_BYTES = 7_000_000;

const Address = z.email().check(z.maxLength(254));

export const sendEmail = defineTool({
  name: 'send_email',
  version: '1',
  description: 'Send an e-mail with optional files of this task attached.',
  input: z.strictObject({
    to: z.array(Address).check(z.minLength(1), z.maxLength(20)),
    cc: z._default(z.array(Address).check(z.maxLength(20)), []),
    subject: z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^\r\n]*$/)),
    text: z.string().check(z.minLength(1), z.maxLength(100_000)),
    attachments: z._default(z.array(FileName).check(z.maxLength(10)), []),
  }),
  runsIn: 'function',
  effect: 'external',
  delivery: 'reconcilable',
  artifacts: ({ attachments }) => attachments,
  destination: ({ to, cc }) => [...to, ...cc].join(','),
  worstCaseMicros: ({ to, cc }) => MAIL_MICROS * (to.length + cc.length),
  preview: ({ to, cc, subject, text, attachments }, artifacts) => ({
    headline: `Send a mail to ${to.join(', ')}`,
    fields: [
      { label: 'To', value: to.join(', ') },
      ...(cc.length > 0 ? [{ label: 'Cc', value: cc.join(', ') }] : []),
      { label: 'Subject', value: subject },
      ...attachments.map((name) => {
        const artifact = artifacts.find((a) => a.name === name);
        const about = artifact ? `${artifact.size} bytes, SHA-256 ${artifact.sha256}` : 'missing';
        return { label: 'Attachment', value: `${name} (${about})` };
      }),
      { label: 'Text', value: text },
    ],
  }),
  async execute({ to, cc, subject, text, attachments }, { artifacts, mailer, effect }) {
    const files = [];
    let bytes = 0;
    for (const name of attachments) {
      const artifact = await artifacts.find(name);
      if (!artifact) {
        return { kind: 'failed', code: 'artifact.not_found', message: `There is no file ${name}.` };
      }
      bytes += artifact.size;
      if (bytes > MAX_ATTACHMENT_BYTES) {
        return {
          kind: 'failed',
          code: 'tool.failed',
          message: 'The attachments exceed 7 MB in all.',
        };
      }
      files.push({ name, mediaType: artifact.media_type, body: await artifacts.read(artifact) });
    }
    try {
      const messageId = await mailer.send({
        to,
        cc,
        subject,
        text,
        attachments: files,
        tags: {
          tenant: effect.tenant,
          task: effect.task_id,
          effect: `${effect.effect_key}-${effect.occurrence}`,
        },
      });
      return {
        kind: 'done',
        output: { message_id: messageId, to, cc, subject },
        summary: `to ${to.join(', ')}: ${subject}`,
      };
    } catch (error) {
      if (!(error instanceof MailRejected)) throw error;
      return {
        kind: 'failed',
        code: 'tool.failed',
        message: `The mail was rejected: ${error.message}`,
      };
    }
  },
});
