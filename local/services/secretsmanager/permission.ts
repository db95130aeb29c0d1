import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { IamRequest } from '#local/kernel/service.ts';
import type { Secret, SecretStore } from './secret-store.ts';

/** What every Secrets Manager action works with. */
export interface SecretsContext {
  readonly cloud: Cloud;
  readonly secrets: SecretStore;
}

/** @throws AwsError `NotServedLocally` for a member that is not served */
export function refuseOthers(action: string, input: object, served: readonly string[]): void {
  const other = Object.entries(input).find(
    ([name, value]) => value !== undefined && value !== null && !served.includes(name),
  );
  if (other) throw notServed(`secretsmanager:${action} with ${other[0]}`);
}

/** The secret that a request names. @throws AwsError `ResourceNotFoundException` */
export function requestedSecret(
  { secrets }: SecretsContext,
  { SecretId }: { readonly SecretId?: string },
): Secret {
  if (typeof SecretId !== 'string' || SecretId === '') {
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
    );
  }
  return secrets.named(SecretId);
}

/** The permission on a secret. */
export const secretNeed = (
  action: string,
  secret: Secret,
  conditions: Readonly<Record<string, string>> = {},
): IamRequest => ({
  action: `secretsmanager:${action}`,
  resource: secret.arn,
  conditions: { 'secretsmanager:SecretId': secret.arn, ...conditions },
});

/**
 * What a caller needs on the customer's key that guards a secret, which Secrets Manager uses in the
 * caller's name; nothing for the account's own key.
 */
export function keyNeeds(
  { cloud }: SecretsContext,
  actions: readonly ('Decrypt' | 'GenerateDataKey')[],
  { arn, kmsKeyArn }: Secret,
  versionId: string,
): IamRequest[] {
  if (kmsKeyArn === undefined) return [];
  return actions.map((action) => ({
    action: `kms:${action}`,
    resource: kmsKeyArn,
    conditions: {
      'kms:ViaService': `secretsmanager.${cloud.region}.amazonaws.com`,
      'kms:CallerAccount': cloud.account,
      'kms:EncryptionContext:SecretARN': arn,
      'kms:EncryptionContext:SecretVersionId': versionId,
      'kms:EncryptionContextKeys': ['SecretARN', 'SecretVersionId'],
    },
  }));
}
