import type { Action } from '#local/kernel/service.ts';
import { describeFunction } from '../function-description.ts';
import type { FunctionStore } from '../function-store.ts';
import { pageOf, type PageInput } from '../page.ts';

interface Input extends PageInput {
  readonly FunctionVersion?: 'ALL';
}

export const listFunctionsAction = (store: FunctionStore): Action<Input> => ({
  reads: true,
  authorize: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
  run(input, { cloud }) {
    const isWhole = input.FunctionVersion === 'ALL';
    const all = store.names().flatMap((name) => {
      const revisions = isWhole ? store.versions(name) : [store.get(name).latest];
      return revisions.map((revision) => {
        const qualifier = isWhole ? revision.version : undefined;
        return describeFunction(cloud, revision, { name, qualifier });
      });
    });
    const { items, next } = pageOf(all, input);
    return { Functions: items, ...(next && { NextMarker: next }) };
  },
});
