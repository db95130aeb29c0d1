import type { Cloud } from '#local/kernel/cloud.ts';
import type { ConfigurationSetStore } from './configuration-set-store.ts';
import type { IdentityStore } from './identity-store.ts';
import type { MailStore } from './mail-store.ts';

/** What the SES actions and resources work with. */
export interface SesContext {
  readonly cloud: Cloud;
  readonly identities: IdentityStore;
  readonly configurationSets: ConfigurationSetStore;
  readonly mails: MailStore;
}

/** The topic on which the delivery of sent mails is woken. */
export const DELIVERY_TOPIC = 'ses:delivery';
