import { publishDelivered } from './mail-events.ts';
import { DELIVERY_TOPIC, type SesContext } from './ses-context.ts';

/** Puts sent mails into the mailbox and says that they arrived. @returns ends it */
export function startDeliveries(ses: SesContext): () => void {
  const deliver = () => {
    for (const mail of ses.mails.undelivered()) {
      ses.cloud.database.transaction(() => {
        ses.mails.markDelivered(mail.id);
        publishDelivered(ses, mail);
      });
    }
  };
  const unsubscribe = ses.cloud.onWake(DELIVERY_TOPIC, deliver);
  ses.cloud.wake(DELIVERY_TOPIC);
  return unsubscribe;
}
