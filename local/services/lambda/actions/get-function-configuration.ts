import type { Action } from '#local/kernel/service.ts';
import { describeFunction } from '../function-description.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';

interface Input {
  readonly FunctionName: string;
  readonly Qualifier?: string;
}

export const getFunctionConfigurationAction = (store: FunctionStore): Action<Input> => ({
  reads: true,
  authorize({ FunctionName, Qualifier }, { cloud }) {
    const reference = functionReference(FunctionName, Qualifier);
    return [{ action: 'lambda:GetFunctionConfiguration', resource: functionArn(cloud, reference) }];
  },
  run({ FunctionName, Qualifier }, { cloud }) {
    const reference = functionReference(FunctionName, Qualifier);
    return describeFunction(cloud, store.revision(reference), reference);
  },
});
