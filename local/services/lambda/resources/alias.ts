import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { functionArn, functionReference } from '../function-name.ts';
import { invalidValue } from '../function-settings.ts';
import type { FunctionStore } from '../function-store.ts';

/** `AWS::Lambda::Alias`, without weighted routing. */
export const aliasResource = (store: FunctionStore): ResourceProvider => ({
  type: 'AWS::Lambda::Alias',
  upsert(resource, cloud) {
    const properties = takeProperties(resource, {
      served: ['FunctionName', 'FunctionVersion', 'Name', 'Description'],
    });
    const { name } = functionReference(properties.FunctionName);
    const alias = String(properties.Name);
    if (!/^(?!\d+$)[\w-]{1,128}$/.test(alias)) throw invalidValue(`'${alias}' is no alias.`);
    store.putAlias(name, {
      name: alias,
      version: String(properties.FunctionVersion),
      description: (properties.Description as string | undefined) ?? '',
    });
    const arn = functionArn(cloud, { name, qualifier: alias });
    return { ref: arn, attributes: { AliasArn: arn } };
  },
  remove(ref) {
    const { name, qualifier = '' } = functionReference(ref);
    store.removeAlias(name, qualifier);
  },
});
