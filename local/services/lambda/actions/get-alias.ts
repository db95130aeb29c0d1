import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { describeAlias } from '../alias-description.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';

interface Input {
  readonly FunctionName: string;
  readonly Name: string;
}

export const getAliasAction = (store: FunctionStore): Action<Input> => ({
  reads: true,
  authorize({ FunctionName }, { cloud }) {
    const { name } = functionReference(FunctionName);
    return [{ action: 'lambda:GetAlias', resource: functionArn(cloud, { name }) }];
  },
  run(input, { cloud }) {
    const { name } = functionReference(input.FunctionName);
    const alias = store.aliases(name).find((candidate) => candidate.name === input.Name);
    if (alias) return describeAlias(cloud, name, alias);
    const arn = functionArn(cloud, { name, qualifier: input.Name });
    const message = `Cannot find alias arn: ${arn}`;
    throw new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
  },
});
