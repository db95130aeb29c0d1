import type { PolicyBook } from '#local/iam/policy-book.ts';
import type { PolicyDocument, ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';

interface PolicyProperties {
  readonly PolicyDocument: PolicyDocument;
  readonly PolicyName?: string;
  readonly ManagedPolicyName?: string;
  readonly Path?: string;
  readonly Roles?: readonly string[];
}

/** `AWS::IAM::Policy`: stands on the roles that it names. Ref is its name. */
export function policyProvider(book: PolicyBook): ResourceProvider {
  return {
    type: 'AWS::IAM::Policy',
    upsert(resource) {
      const { PolicyDocument, PolicyName, Roles } = takeProperties(resource, {
        served: ['PolicyDocument', 'PolicyName', 'Roles'],
      }) as unknown as PolicyProperties;
      // Policy names are unique on a role only, so the resource's own name is the key.
      book.putPolicy(resource.defaultName, {
        name: PolicyName ?? resource.defaultName,
        document: PolicyDocument,
        roleNames: Roles ?? [],
      });
      return { ref: resource.defaultName, attributes: { Id: resource.defaultName } };
    },
    remove: (ref) => book.removePolicy(ref),
  };
}

/** `AWS::IAM::ManagedPolicy`: stands on the roles that it names and on those that name it. Ref is its ARN. */
export function managedPolicyProvider(book: PolicyBook): ResourceProvider {
  return {
    type: 'AWS::IAM::ManagedPolicy',
    upsert(resource, cloud) {
      const properties = takeProperties(resource, {
        served: ['PolicyDocument', 'ManagedPolicyName', 'Path', 'Roles'],
        inert: ['Description'],
      }) as unknown as PolicyProperties;
      const name = properties.ManagedPolicyName ?? resource.defaultName;
      const arn = `arn:aws:iam::${cloud.account}:policy${properties.Path ?? '/'}${name}`;
      book.putPolicy(arn, {
        name,
        document: properties.PolicyDocument,
        roleNames: properties.Roles ?? [],
      });
      return { ref: arn, attributes: { PolicyArn: arn } };
    },
    remove: (ref) => book.removePolicy(ref),
  };
}
