import { createHash } from 'node:crypto';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import type { Identity } from '../identity-store.ts';
import type { SesContext } from '../ses-context.ts';
import { badRequest, notFound } from '../ses-error.ts';
import { parseAddress } from '../mail-address.ts';

interface Input {
  readonly EmailIdentity?: string;
  readonly ConfigurationSetName?: string;
  readonly Tags?: unknown;
  readonly DkimSigningAttributes?: unknown;
}

/** GetEmailIdentity. */
export const getEmailIdentity = ({ identities }: SesContext): Action<Input> => {
  const named = ({ EmailIdentity = '' }: Input): Identity => {
    const identity = identities.find(EmailIdentity);
    if (identity) return identity;
    throw notFound(`Email identity ${EmailIdentity} does not exist.`);
  };
  return {
    reads: true,
    authorize: (input) => [
      { action: 'ses:GetEmailIdentity', resource: identities.arn(named(input).name) },
    ],
    run(input) {
      const { name, configuration_set } = named(input);
      return {
        ...summaryOf(name),
        VerificationStatus: 'SUCCESS',
        FeedbackForwardingStatus: true,
        MailFromAttributes: { BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
        Policies: {},
        Tags: [],
        ...(configuration_set === null ? {} : { ConfigurationSetName: configuration_set }),
      };
    },
  };
};

/** CreateEmailIdentity. On AWS a person or a DNS record then verifies it; here it counts at once. */
export const createEmailIdentity = ({ identities }: SesContext): Action<Input> => ({
  authorize: ({ EmailIdentity = '' }) => [
    { action: 'ses:CreateEmailIdentity', resource: identities.arn(EmailIdentity) },
  ],
  run({ EmailIdentity = '', ConfigurationSetName, Tags, DkimSigningAttributes }) {
    if (Tags !== undefined || DkimSigningAttributes !== undefined) {
      throw notServed('CreateEmailIdentity with Tags or DkimSigningAttributes');
    }
    checkIdentityName(EmailIdentity);
    if (identities.find(EmailIdentity)) {
      throw new AwsError(
        'AlreadyExistsException',
        `Email identity ${EmailIdentity} already exist.`,
      );
    }
    identities.declare(EmailIdentity, ConfigurationSetName);
    return summaryOf(EmailIdentity);
  },
});

/** @throws AwsError BadRequestException for what is neither an address nor a domain */
export function checkIdentityName(name: string): void {
  if (name.includes('<')) throw badRequest(`Invalid email identity ${name}.`);
  parseAddress(name.includes('@') ? name : `postmaster@${name}`);
}

/** The three DKIM tokens that a domain's owner would publish; here nobody signs with them. */
export const dkimTokens = (domain: string): string[] =>
  ['1', '2', '3'].map((n) =>
    createHash('sha256').update(`${n} ${domain}`).digest('hex').slice(0, 32),
  );

function summaryOf(name: string): Record<string, unknown> {
  const isDomain = !name.includes('@');
  return {
    IdentityType: isDomain ? 'DOMAIN' : 'EMAIL_ADDRESS',
    VerifiedForSendingStatus: true,
    DkimAttributes: isDomain
      ? { SigningEnabled: true, Status: 'SUCCESS', Tokens: dkimTokens(name) }
      : { SigningEnabled: false, Status: 'NOT_STARTED' },
  };
}
