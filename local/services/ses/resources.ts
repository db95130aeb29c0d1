import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeMembers, takeProperties } from '#local/template/take-properties.ts';
import { checkIdentityName, dkimTokens } from './actions/email-identity.ts';
import type { SesContext } from './ses-context.ts';
import { notFound } from './ses-error.ts';

type Members = Readonly<Record<string, unknown>>;

/** What CloudFormation calls the event types, and what the API calls them. */
const EVENT_TYPES: Readonly<Record<string, string>> = {
  bounce: 'BOUNCE',
  click: 'CLICK',
  complaint: 'COMPLAINT',
  delivery: 'DELIVERY',
  deliveryDelay: 'DELIVERY_DELAY',
  open: 'OPEN',
  reject: 'REJECT',
  renderingFailure: 'RENDERING_FAILURE',
  send: 'SEND',
  subscription: 'SUBSCRIPTION',
};

/** AWS::SES::EmailIdentity. What the template declares counts as verified. */
export const emailIdentityResource = ({ identities }: SesContext): ResourceProvider => ({
  type: 'AWS::SES::EmailIdentity',
  upsert(resource) {
    const { EmailIdentity, ConfigurationSetAttributes } = takeProperties(resource, {
      served: ['EmailIdentity', 'ConfigurationSetAttributes'],
      inert: [
        'DkimAttributes',
        'DkimSigningAttributes',
        'FeedbackAttributes',
        'MailFromAttributes',
        'Tags',
      ],
    });
    const name = EmailIdentity as string;
    checkIdentityName(name);
    const { ConfigurationSetName } = (ConfigurationSetAttributes ?? {}) as Members;
    identities.declare(name, ConfigurationSetName as string | undefined);
    const tokens = name.includes('@') ? [] : dkimTokens(name);
    return {
      ref: name,
      attributes: Object.fromEntries(
        tokens.flatMap((token, index) => [
          [`DkimDNSTokenName${index + 1}`, `${token}._domainkey.${name}`],
          [`DkimDNSTokenValue${index + 1}`, `${token}.dkim.amazonses.com`],
        ]),
      ),
    };
  },
  remove: (ref) => identities.remove(ref),
});

/** AWS::SES::ConfigurationSet. */
export const configurationSetResource = ({ configurationSets }: SesContext): ResourceProvider => ({
  type: 'AWS::SES::ConfigurationSet',
  upsert(resource) {
    const properties = takeProperties(resource, {
      served: ['Name', 'SendingOptions'],
      inert: ['DeliveryOptions', 'ReputationOptions', 'SuppressionOptions', 'Tags'],
    });
    const name = (properties.Name as string | undefined) ?? resource.defaultName;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw new AwsError('BadRequestException', `Invalid configuration set name <${name}>.`);
    }
    const { SendingEnabled = true } = (properties.SendingOptions ?? {}) as Members;
    configurationSets.declare({ name, sendingEnabled: isTrue(SendingEnabled) });
    return { ref: name, attributes: {} };
  },
  remove: (ref) => configurationSets.remove(ref),
});

/** AWS::SES::ConfigurationSetEventDestination, to the default event bus only. */
export const eventDestinationResource = ({
  cloud,
  configurationSets,
}: SesContext): ResourceProvider => ({
  type: 'AWS::SES::ConfigurationSetEventDestination',
  upsert(resource) {
    const { ConfigurationSetName, EventDestination } = takeProperties(resource, {
      served: ['ConfigurationSetName', 'EventDestination'],
    });
    const set = ConfigurationSetName as string;
    if (!configurationSets.find(set)) throw notFound(`Configuration set <${set}> does not exist.`);
    const destination = takeMembers(
      `${resource.type} ${resource.logicalId}: EventDestination`,
      EventDestination as Members,
      { served: ['Name', 'Enabled', 'MatchingEventTypes', 'EventBridgeDestination'] },
    );
    const { EventBusArn } = (destination.EventBridgeDestination ?? {}) as Members;
    if (EventBusArn !== cloud.arn('events', 'event-bus/default')) {
      throw notServed(
        `SES events to ${JSON.stringify(EventBusArn)}; SES takes only the default bus`,
      );
    }
    const name = (destination.Name as string | undefined) ?? resource.defaultName;
    const ref = `${set}|${name}`;
    configurationSets.declareDestination(set, {
      ref,
      name,
      enabled: isTrue(destination.Enabled ?? false),
      types: (destination.MatchingEventTypes as string[]).map(eventType),
    });
    return { ref, attributes: { Id: ref } };
  },
  remove: (ref) => configurationSets.removeDestination(ref),
});

function eventType(name: string): string {
  const type = EVENT_TYPES[name] ?? name;
  if (Object.values(EVENT_TYPES).includes(type)) return type;
  throw new AwsError('BadRequestException', `Invalid event type <${name}>.`);
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';
