import * as z from 'zod/mini';

const Addressees = z.union([z.string(), z.array(z.string())]);

/** A mail as the local cloud's mailbox shows it. */
const DeliveredMail = z.looseObject({
  to: Addressees,
  subject: z.string(),
  text: z._default(z.string(), ''),
  attachments: z._default(
    z.array(z.looseObject({ name: z.string(), size: z.optional(z.int()) })),
    [],
  ),
  tags: z._default(z.record(z.string(), z.string()), {}),
});
export type DeliveredMail = z.infer<typeof DeliveredMail>;

const Mailbox = z.union([
  z.array(DeliveredMail),
  z.pipe(
    z.looseObject({ mails: z.array(DeliveredMail) }),
    z.transform(({ mails }) => mails),
  ),
]);

/** The mails that one task sent, as they were delivered. */
export async function mailsOfTask(endpoint: string, taskId: string): Promise<DeliveredMail[]> {
  const answer = await fetch(`${endpoint}/_local/mailbox.json`);
  const mails = Mailbox.parse(await answer.json());
  return mails.filter(({ tags }) => tags['task'] === taskId);
}

export const addressees = ({ to }: DeliveredMail): string =>
  typeof to === 'string' ? to : to.join(', ');
