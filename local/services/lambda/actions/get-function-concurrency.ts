import type { Action } from '#local/kernel/service.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';

export const getFunctionConcurrencyAction = (
  store: FunctionStore,
): Action<{ readonly FunctionName: string }> => ({
  reads: true,
  authorize({ FunctionName }, { cloud }) {
    const { name } = functionReference(FunctionName);
    return [{ action: 'lambda:GetFunctionConcurrency', resource: functionArn(cloud, { name }) }];
  },
  run({ FunctionName }) {
    const { reservedConcurrency } = store.get(functionReference(FunctionName).name);
    if (reservedConcurrency === undefined) return {};
    return { ReservedConcurrentExecutions: reservedConcurrency };
  },
});
