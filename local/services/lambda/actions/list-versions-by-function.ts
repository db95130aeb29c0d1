import type { Action } from '#local/kernel/service.ts';
import { describeFunction } from '../function-description.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';
import { pageOf, type PageInput } from '../page.ts';

interface Input extends PageInput {
  readonly FunctionName: string;
}

/** `$LATEST` and the published versions of a function. */
export const listVersionsByFunctionAction = (store: FunctionStore): Action<Input> => ({
  reads: true,
  authorize({ FunctionName }, { cloud }) {
    const { name } = functionReference(FunctionName);
    return [{ action: 'lambda:ListVersionsByFunction', resource: functionArn(cloud, { name }) }];
  },
  run(input, { cloud }) {
    const { name } = functionReference(input.FunctionName);
    store.get(name);
    const { items, next } = pageOf(store.versions(name), input);
    return {
      Versions: items.map((revision) =>
        describeFunction(cloud, revision, { name, qualifier: revision.version }),
      ),
      ...(next && { NextMarker: next }),
    };
  },
});
