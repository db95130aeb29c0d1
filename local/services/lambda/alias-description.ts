import type { Cloud } from '#local/kernel/cloud.ts';
import { functionArn } from './function-name.ts';
import type { FunctionAlias } from './function-store.ts';

/** An alias as GetAlias shows it. */
export const describeAlias = (
  cloud: Cloud,
  functionName: string,
  alias: FunctionAlias,
): Record<string, string> => ({
  AliasArn: functionArn(cloud, { name: functionName, qualifier: alias.name }),
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
});
