import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionPolicies } from '../function-policy.ts';
import type { FunctionStore } from '../function-store.ts';

interface Input {
  readonly FunctionName: string;
  readonly Qualifier?: string;
}

/** The resource policy of a function, or of one of its versions or aliases. */
export const getPolicyAction = (
  store: FunctionStore,
  policies: FunctionPolicies,
): Action<Input> => ({
  reads: true,
  authorize({ FunctionName, Qualifier }, { cloud }) {
    const { name } = functionReference(FunctionName, Qualifier);
    return [{ action: 'lambda:GetPolicy', resource: functionArn(cloud, { name }) }];
  },
  run({ FunctionName, Qualifier }, { cloud }) {
    const reference = functionReference(FunctionName, Qualifier);
    store.revision(reference);
    const policy = policies.of(functionArn(cloud, reference));
    if (!policy) {
      const message = 'The resource you requested does not exist.';
      throw new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
    }
    const document = JSON.stringify({ Version: policy.Version, Id: 'default', ...policy });
    return { Policy: document, RevisionId: randomUUID() };
  },
});
