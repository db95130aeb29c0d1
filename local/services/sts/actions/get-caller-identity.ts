import type { PolicyBook } from '#local/iam/policy-book.ts';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';

/** Who calls. Needs no permission. */
export function getCallerIdentity(book: PolicyBook): Action<object> {
  return {
    reads: true,
    authorize: () => [],
    run(_input, { cloud, principal }) {
      const Account = cloud.account;
      switch (principal.kind) {
        case 'root':
          return { UserId: Account, Account, Arn: `arn:aws:iam::${Account}:root` };
        case 'role': {
          const role = book.role(principal.roleArn)?.role;
          return {
            UserId: `${role?.id ?? ''}:${principal.sessionName}`,
            Account,
            Arn: `arn:aws:sts::${Account}:assumed-role/${role?.name ?? ''}/${principal.sessionName}`,
          };
        }
        case 'service':
          throw new AwsError('InvalidClientTokenId', 'A service has no caller identity.', 403);
      }
    },
  };
}
