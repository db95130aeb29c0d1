import {
  BadRequestException,
  MailFromDomainNotVerifiedException,
  MessageRejected,
  SendEmailCommand,
  SESv2Client,
} from '@aws-sdk/client-sesv2';
import { MailRejected, type Mailer, type OutgoingMail } from '#shared/ports/mailer.ts';

// A lost answer must not become a second mail: the effect's record decides what happens then.
const ses = new SESv2Client({ maxAttempts: 1 });

/** Sends by SES, with a configuration set whose send events prove that a mail left. */
export const sesMailer = (settings: {
  readonly from: string;
  readonly configurationSet: string;
}): Mailer => ({
  async send(mail) {
    try {
      const { MessageId } = await ses.send(command(settings, mail));
      return MessageId ?? '';
    } catch (error) {
      const rejected =
        error instanceof MessageRejected ||
        error instanceof BadRequestException ||
        error instanceof MailFromDomainNotVerifiedException;
      if (rejected) throw new MailRejected(error.message, { cause: error });
      throw error;
    }
  },
});

const command = (
  { from, configurationSet }: { readonly from: string; readonly configurationSet: string },
  { to, cc, subject, text, attachments, tags }: OutgoingMail,
) =>
  new SendEmailCommand({
    FromEmailAddress: from,
    Destination: { ToAddresses: [...to], CcAddresses: cc.length > 0 ? [...cc] : undefined },
    ConfigurationSetName: configurationSet,
    EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
    Content: {
      Simple: {
        Subject: { Data: subject, Charset: 'UTF-8' },
        Body: { Text: { Data: text, Charset: 'UTF-8' } },
        Attachments:
          attachments.length === 0
            ? undefined
            : attachments.map(({ name, mediaType, body }) => ({
                FileName: name,
                ContentType: mediaType,
                RawContent: body,
                ContentDisposition: 'ATTACHMENT',
                ContentTransferEncoding: 'BASE64',
              })),
      },
    },
  });
