import type { Action } from '#local/kernel/service.ts';
import type { SesContext } from '../ses-context.ts';
import { badRequest } from '../ses-error.ts';

interface ListInput {
  readonly NextToken?: string;
  /** A number from a body, text from a query. */
  readonly PageSize?: string | number;
}

/** The page size of the API reference, and its limit. */
const MOST_A_PAGE = 1000;

/** ListEmailIdentities, in the order of their names. */
export const listEmailIdentities = ({ identities }: SesContext): Action<ListInput> => ({
  reads: true,
  authorize: () => [{ action: 'ses:ListEmailIdentities', resource: '*' }],
  run({ NextToken = '', PageSize }) {
    const size = Number(PageSize ?? MOST_A_PAGE);
    if (!Number.isInteger(size) || size < 1 || size > MOST_A_PAGE)
      throw badRequest(`PageSize is between 1 and ${MOST_A_PAGE}.`);
    const after = Buffer.from(NextToken, 'base64url').toString('utf8');
    const names = identities.names(after, size + 1);
    const page = names.slice(0, size);
    const last = page.at(-1);
    return {
      EmailIdentities: page.map((name) => ({
        IdentityName: name,
        IdentityType: name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN',
        SendingEnabled: true,
        VerificationStatus: 'SUCCESS',
      })),
      ...(names.length > size &&
        last !== undefined && { NextToken: Buffer.from(last).toString('base64url') }),
    };
  },
});
