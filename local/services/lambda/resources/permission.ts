import type { PolicyStatement, ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { functionArn, functionReference } from '../function-name.ts';
import type { FunctionPolicies } from '../function-policy.ts';
import type { FunctionStore } from '../function-store.ts';

/** `AWS::Lambda::Permission`: one statement of a resource policy. */
export const permissionResource = (
  store: FunctionStore,
  policies: FunctionPolicies,
): ResourceProvider => ({
  type: 'AWS::Lambda::Permission',
  upsert(resource, cloud) {
    const properties = takeProperties(resource, {
      served: ['Action', 'FunctionName', 'Principal', 'SourceArn', 'SourceAccount'],
    });
    const reference = functionReference(properties.FunctionName);
    store.revision(reference);
    const arn = functionArn(cloud, reference);
    const { SourceArn, SourceAccount } = properties as Record<string, string | undefined>;
    const statement: PolicyStatement = {
      Sid: resource.defaultName,
      Effect: 'Allow',
      Principal: principalOf(String(properties.Principal)),
      Action: String(properties.Action),
      Resource: arn,
      Condition: {
        ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
        ...(SourceAccount !== undefined && {
          StringEquals: { 'AWS:SourceAccount': SourceAccount },
        }),
      },
    };
    policies.put(resource.defaultName, arn, statement);
    return { ref: resource.defaultName, attributes: { Id: resource.defaultName } };
  },
  remove: (ref) => policies.remove(ref),
});

/** A service, everybody, an account's root or one role. */
function principalOf(principal: string): unknown {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith('arn:') ? { AWS: principal } : { Service: principal };
}
