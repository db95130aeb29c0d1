/** One mail as it leaves. */
export interface OutgoingMail {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly {
    readonly name: string;
    readonly mediaType: string;
    readonly body: Uint8Array;
  }[];
  /** Labels that the send event carries back: letters, digits, `_`, `-`, `.`, `@`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Sends mail. It never deduplicates: calling twice sends twice. */
export interface Mailer {
  /**
   * @returns the message id
   * @throws MailRejected when the service refused the mail, so that surely nothing was sent
   */
  send(mail: OutgoingMail): Promise<string>;
}

/** The mail was surely not sent. */
export class MailRejected extends Error {
  override readonly name = 'MailRejected';
}
