import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { createEmailIdentity, getEmailIdentity } from './actions/email-identity.ts';
import { listEmailIdentities } from './actions/list-email-identities.ts';
import { sendEmail } from './actions/send-email.ts';
import { ConfigurationSetStore } from './configuration-set-store.ts';
import { startDeliveries } from './deliveries.ts';
import { IdentityStore } from './identity-store.ts';
import { MailStore } from './mail-store.ts';
import {
  configurationSetResource,
  emailIdentityResource,
  eventDestinationResource,
} from './resources.ts';
import type { SesContext } from './ses-context.ts';
import { sesWire } from './wire.ts';

/** Amazon SES v2: mails go to the mailbox of this machine, their events to the default event bus. */
export function sesService(cloud: Cloud): Service {
  const ses: SesContext = {
    cloud,
    identities: new IdentityStore(cloud),
    configurationSets: new ConfigurationSetStore(cloud),
    mails: new MailStore(cloud),
  };
  let stopDeliveries: () => void = () => undefined;
  return {
    name: 'ses',
    wire: sesWire,
    actions: {
      SendEmail: sendEmail(ses),
      GetEmailIdentity: getEmailIdentity(ses),
      ListEmailIdentities: listEmailIdentities(ses),
      CreateEmailIdentity: createEmailIdentity(ses),
    },
    resources: [
      emailIdentityResource(ses),
      configurationSetResource(ses),
      eventDestinationResource(ses),
    ],
    start() {
      stopDeliveries = startDeliveries(ses);
    },
    stop: () => stopDeliveries(),
  };
}
