import { createHash } from 'node:crypto';
import type { PolicyBook } from '#local/iam/policy-book.ts';
import { notServed } from '#local/kernel/aws-error.ts';
import type { PolicyDocument, ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies.ts';

interface RoleProperties {
  readonly AssumeRolePolicyDocument: PolicyDocument;
  readonly ManagedPolicyArns?: readonly string[];
  readonly MaxSessionDuration?: number | string;
  readonly Path?: string;
  readonly Policies?: readonly {
    readonly PolicyName: string;
    readonly PolicyDocument: PolicyDocument;
  }[];
  readonly RoleName?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** As the API reference has it. */
const DEFAULT_SESSION_SECONDS = 3600;
/** The longest name that IAM takes; a longer default name keeps its end apart by a hash. */
const MOST_NAME_CHARACTERS = 64;
const AWS_MANAGED = 'arn:aws:iam::aws:policy/';

/** `AWS::IAM::Role`: Ref is the name; Arn, RoleId. */
export function roleProvider(book: PolicyBook): ResourceProvider {
  const arns = new Map<string, string>();
  return {
    type: 'AWS::IAM::Role',
    upsert(resource, cloud) {
      const properties = takeProperties(resource, {
        served: [
          'AssumeRolePolicyDocument',
          'ManagedPolicyArns',
          'MaxSessionDuration',
          'Path',
          'Policies',
          'RoleName',
          'Tags',
        ],
        inert: ['Description'],
      }) as unknown as RoleProperties;
      const name = properties.RoleName ?? shortName(resource.defaultName);
      const arn = `arn:aws:iam::${cloud.account}:role${properties.Path ?? '/'}${name}`;
      const id = roleId(arn);
      const managed = properties.ManagedPolicyArns ?? [];
      book.putRole({
        arn,
        name,
        id,
        tags: Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
        maxSessionSeconds: Number(properties.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS),
        trust: properties.AssumeRolePolicyDocument,
        inline: Object.fromEntries(
          (properties.Policies ?? []).map((policy) => [policy.PolicyName, policy.PolicyDocument]),
        ),
        awsManaged: Object.fromEntries(
          managed.filter((policy) => policy.startsWith(AWS_MANAGED)).map(awsManagedPolicy),
        ),
        managedPolicyArns: managed.filter((policy) => !policy.startsWith(AWS_MANAGED)),
      });
      arns.set(name, arn);
      return { ref: name, attributes: { Arn: arn, RoleId: id } };
    },
    remove(ref) {
      const arn = arns.get(ref);
      if (arn !== undefined) book.removeRole(arn);
      arns.delete(ref);
    },
  };
}

function awsManagedPolicy(arn: string): [string, PolicyDocument] {
  const name = arn.slice(AWS_MANAGED.length);
  const document = AWS_MANAGED_POLICIES[name];
  if (!document) throw notServed(`the policy ${arn}`);
  return [name.split('/').at(-1) ?? name, document];
}

/** `AROA` and 16 characters that are the same at each start. */
const roleId = (arn: string): string =>
  `AROA${createHash('sha256').update(arn).digest('hex').slice(0, 16).toUpperCase()}`;

function shortName(name: string): string {
  if (name.length <= MOST_NAME_CHARACTERS) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, MOST_NAME_CHARACTERS - 9)}-${hash}`;
}
