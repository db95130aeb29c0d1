import type { PolicyBook } from '#local/iam/policy-book.ts';
import type { Service } from '#local/kernel/service.ts';
import { managedPolicyProvider, policyProvider } from './policy-providers.ts';
import { roleProvider } from './role-provider.ts';

/** IAM: the template's roles and policies, which go into the judge's book. It serves no API action. */
export function iamService(book: PolicyBook): Service {
  return {
    name: 'iam',
    actions: {},
    resources: [roleProvider(book), policyProvider(book), managedPolicyProvider(book)],
  };
}
