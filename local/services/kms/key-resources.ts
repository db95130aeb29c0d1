import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { PolicyDocument, ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import type { KeySpec } from './key-store.ts';
import type { KmsContext } from './request.ts';

interface KeyProperties {
  readonly KeySpec?: string;
  readonly KeyUsage?: string;
  readonly KeyPolicy?: PolicyDocument;
  readonly Description?: string;
  readonly Enabled?: boolean | string;
  readonly MultiRegion?: boolean | string;
  readonly PendingWindowInDays?: number | string;
}

const USAGES: Readonly<Record<string, string>> = {
  SYMMETRIC_DEFAULT: 'ENCRYPT_DECRYPT',
  ECC_NIST_P256: 'SIGN_VERIFY',
};
/** What CloudFormation waits by default before a deleted key is gone. */
const DEFAULT_PENDING_DAYS = 30;

/** `AWS::KMS::Key`: Ref is its id, which stays; Arn, KeyId. */
export function keyResource({ cloud, keys }: KmsContext): ResourceProvider {
  return {
    type: 'AWS::KMS::Key',
    upsert(resource) {
      const properties = takeProperties(resource, {
        served: [
          'KeySpec',
          'KeyUsage',
          'KeyPolicy',
          'Description',
          'Enabled',
          'MultiRegion',
          'PendingWindowInDays',
        ],
        inert: [
          'EnableKeyRotation',
          'RotationPeriodInDays',
          'Tags',
          'BypassPolicyLockoutSafetyCheck',
        ],
      }) as KeyProperties;
      const id = keys.put(resource.defaultName, {
        spec: servedSpec(properties),
        policy: properties.KeyPolicy ?? defaultPolicy(cloud.account),
        description: properties.Description ?? '',
        enabled: String(properties.Enabled ?? true) === 'true',
        pendingDays: pendingDays(properties),
      });
      const arn = cloud.arn('kms', `key/${id}`);
      return { ref: id, attributes: { Arn: arn, KeyId: id } };
    },
    remove: (ref) => keys.scheduleDeletion(ref),
  };
}

/** `AWS::KMS::Alias`: Ref is its name. */
export function aliasResource({ keys }: KmsContext): ResourceProvider {
  return {
    type: 'AWS::KMS::Alias',
    upsert(resource) {
      const { AliasName, TargetKeyId } = takeProperties(resource, {
        served: ['AliasName', 'TargetKeyId'],
      }) as { AliasName?: string; TargetKeyId?: string };
      if (!/^alias\/[\w/-]{1,250}$/.test(AliasName ?? '') || AliasName?.startsWith('alias/aws/'))
        throw new AwsError('InvalidAliasNameException', `The alias name ${AliasName} is invalid.`);
      keys.putAlias(AliasName as string, keys.named(TargetKeyId ?? '').id);
      return { ref: AliasName as string, attributes: {} };
    },
    remove: (ref) => keys.removeAlias(ref),
  };
}

function servedSpec({ KeySpec: spec, KeyUsage, MultiRegion }: KeyProperties): KeySpec {
  const known = spec ?? 'SYMMETRIC_DEFAULT';
  if (!Object.hasOwn(USAGES, known)) throw notServed(`a KMS key of the spec ${known}`);
  if ((KeyUsage ?? 'ENCRYPT_DECRYPT') !== USAGES[known])
    throw notServed(`a KMS key of the spec ${known} for ${KeyUsage ?? 'ENCRYPT_DECRYPT'}`);
  if (String(MultiRegion ?? false) === 'true') throw notServed('multi-Region KMS keys');
  return known as KeySpec;
}

function pendingDays({ PendingWindowInDays: days }: KeyProperties): number {
  const number = Number(days ?? DEFAULT_PENDING_DAYS);
  if (Number.isInteger(number) && number >= 7 && number <= 30) return number;
  throw new AwsError('ValidationException', 'PendingWindowInDays is between 7 and 30.');
}

/** What KMS gives a key that comes without a policy: identity policies decide. */
const defaultPolicy = (account: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});
