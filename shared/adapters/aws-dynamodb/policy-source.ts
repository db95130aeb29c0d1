import { AppError } from '#shared/errors/app-error.ts';
import { compilePolicy, type CompiledPolicy } from '#shared/policy/judge.ts';
import { parsePolicy } from '#shared/policy/policy-document.ts';
import type { PolicySource } from '#shared/ports/policy-source.ts';
import { keys } from './keys.ts';
import type { TenantTable } from './tenant-table.ts';

const KEPT = 100;
const compiled = new Map<string, CompiledPolicy>();

/** A tenant's policies in DynamoDB. A version is immutable: a process compiles it once. */
export function dynamoPolicySource(table: TenantTable): PolicySource {
  const version = async (number: number) => {
    const name = `${table.tenant} ${number}`;
    let policy = compiled.get(name);
    if (!policy) {
      const { pk, sk } = keys.policyVersion(table.tenant, number);
      const item = await table.get(pk, sk);
      if (!item) throw new AppError('policy.invalid', `Policy version ${number} does not exist.`);
      policy = compilePolicy(parsePolicy(String(item['yaml'])));
      if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value ?? '');
      compiled.set(name, policy);
    }
    return { version: number, policy };
  };
  return {
    version,
    async current() {
      const { pk, sk } = keys.currentPolicy(table.tenant);
      const item = await table.get(pk, sk);
      return version(Number(item?.['version']));
    },
  };
}
