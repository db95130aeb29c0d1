import { Judge } from '#local/iam/judge.ts';
import { PolicyBook } from '#local/iam/policy-book.ts';
import { Cloud } from '#local/kernel/cloud.ts';
import { Database } from '#local/kernel/database.ts';
import type { IamRequest, PolicyStatement, Principal } from '#local/kernel/service.ts';
import { policy } from '#tests/support/guarded-cloud.ts';

/** The role that a court knows. */
export const ROLE = 'arn:aws:iam::000000000000:role/worker';
export const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:main';
export const KEY = 'arn:aws:kms:us-east-1:000000000000:key/k1';
export const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/mirai';

const database = new Database(':memory:');
/** A session of that role. */
export const worker: Principal = { kind: 'role', roleArn: ROLE, sessionName: 's1', tags: {} };
/** The same with a session tag. */
export const tagged = (tenant: string): Principal => ({ ...worker, tags: { tenant } });

/** A judge who knows one role with these statements, and resource policies by ARN. */
export function court(
  own: readonly PolicyStatement[],
  onResources: Record<string, PolicyStatement[]> = {},
) {
  const book = new PolicyBook();
  book.putRole({
    arn: ROLE,
    name: 'worker',
    id: 'AROAWORKER',
    tags: { team: 'core' },
    maxSessionSeconds: 3600,
    trust: policy(...(onResources[ROLE] ?? [])),
    inline: { own: policy(...own) },
    awsManaged: {},
    managedPolicyArns: [],
  });
  const cloud = new Cloud({ database, authorizer: { check: () => '' }, stateFolder: '.' });
  for (const name of ['sqs', 'kms', 's3', 'lambda']) {
    cloud.register({
      name,
      actions: {},
      resourcePolicy: (arn) => {
        const statements = onResources[arn];
        return statements && policy(...statements);
      },
    });
  }
  const judge = new Judge(book);
  return {
    book,
    check: (principal: Principal, request: IamRequest) => judge.check(principal, request, cloud),
    allows: (principal: Principal, request: IamRequest): boolean => {
      try {
        judge.check(principal, request, cloud);
        return true;
      } catch {
        return false;
      }
    },
  };
}
