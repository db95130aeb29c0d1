import type { Action } from '#local/kernel/service.ts';
import { describeAlias } from '../alias-description.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionStore } from '../function-store.ts';
import { pageOf, type PageInput } from '../page.ts';

interface Input extends PageInput {
  readonly FunctionName: string;
  /** Only the aliases of this version. */
  readonly FunctionVersion?: string;
}

export const listAliasesAction = (store: FunctionStore): Action<Input> => ({
  reads: true,
  authorize({ FunctionName }, { cloud }) {
    const { name } = functionReference(FunctionName);
    return [{ action: 'lambda:ListAliases', resource: functionArn(cloud, { name }) }];
  },
  run(input, { cloud }) {
    const { name } = functionReference(input.FunctionName);
    store.get(name);
    const wanted = store
      .aliases(name)
      .filter(({ version }) => [undefined, version].includes(input.FunctionVersion));
    const { items, next } = pageOf(wanted, input);
    return {
      Aliases: items.map((alias) => describeAlias(cloud, name, alias)),
      ...(next && { NextMarker: next }),
    };
  },
});
