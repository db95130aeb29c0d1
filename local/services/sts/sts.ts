import { credentialStore } from '#local/iam/credential-store.ts';
import type { PolicyBook } from '#local/iam/policy-book.ts';
import { queryWire } from '#local/iam/query-wire.ts';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Service } from '#local/kernel/service.ts';
import { assumeRole } from './actions/assume-role.ts';
import { getCallerIdentity } from './actions/get-caller-identity.ts';

/** STS: role sessions with tags. Takes over `cloud.issueCredentials`. */
export function stsService(cloud: Cloud, book: PolicyBook): Service {
  cloud.issueCredentials = ({ roleArn, sessionName, seconds, tags = {} }) => {
    if (!book.role(roleArn))
      throw new AwsError('AccessDenied', `There is no role ${roleArn}.`, 403);
    const session = { roleArn, sessionName, seconds, tags, transitiveTagKeys: [] };
    return credentialStore(cloud).issue(session);
  };
  return {
    name: 'sts',
    wire: queryWire('https://sts.amazonaws.com/doc/2011-06-15/'),
    actions: { AssumeRole: assumeRole(book), GetCallerIdentity: getCallerIdentity(book) },
  };
}
