import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { IamRequest } from '#local/kernel/service.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { Key, KeyStore } from './key-store.ts';

/** What every KMS action works with. */
export interface KmsContext {
  readonly cloud: Cloud;
  readonly keys: KeyStore;
}

/** Members that many requests have. */
export interface KeyRequest {
  readonly KeyId?: string;
  readonly EncryptionContext?: EncryptionContext;
  readonly EncryptionAlgorithm?: string;
  readonly SigningAlgorithm?: string;
  readonly MessageType?: string;
  readonly DryRun?: boolean;
}

/** The largest encryption context, in bytes of its JSON, as the developer guide has it. */
const MOST_CONTEXT_BYTES = 8192;

/** @throws AwsError `NotServedLocally` for a member that is not served, such as a grant token */
export function refuseOthers(action: string, input: object, served: readonly string[]): void {
  for (const [name, value] of Object.entries(input)) {
    const empty = value === undefined || (Array.isArray(value) && value.length === 0);
    if (!empty && !served.includes(name) && name !== 'DryRun')
      throw notServed(`kms:${action} with ${name}`);
  }
}

/** The key that a request names. @throws AwsError `ValidationException` when it names none */
export function requestedKey({ keys }: KmsContext, { KeyId }: KeyRequest): Key {
  if (typeof KeyId !== 'string' || KeyId === '') throw required('keyId');
  return keys.named(KeyId);
}

/** The permission on a key, with the condition keys that KMS documents for cryptographic operations. */
export function keyNeed(
  { cloud, keys }: KmsContext,
  action: string,
  key: Key,
  input: KeyRequest,
): IamRequest {
  const context = contextOf(input);
  const names = Object.keys(context);
  const alias = /alias\/.+$/.exec(input.KeyId ?? '')?.[0];
  const aliases = keys.aliasesOf(key.id);
  return {
    action: `kms:${action}`,
    resource: key.arn,
    conditions: {
      'kms:CallerAccount': cloud.account,
      'kms:KeySpec': key.spec,
      'kms:KeyUsage': usageOf(key),
      'kms:KeyOrigin': 'AWS_KMS',
      'kms:MultiRegion': 'false',
      ...(aliases.length > 0 && { 'kms:ResourceAliases': aliases }),
      ...(alias !== undefined && { 'kms:RequestAlias': alias }),
      ...(names.length > 0 && { 'kms:EncryptionContextKeys': names }),
      ...Object.fromEntries(names.map((n) => [`kms:EncryptionContext:${n}`, context[n] ?? ''])),
      ...algorithmConditions(action, input),
    },
  };
}

function algorithmConditions(action: string, input: KeyRequest): Record<string, string> {
  if (action === 'Sign' || action === 'Verify') {
    return {
      'kms:SigningAlgorithm': input.SigningAlgorithm ?? '',
      'kms:MessageType': input.MessageType ?? 'RAW',
    };
  }
  return action === 'Encrypt' || action === 'Decrypt'
    ? { 'kms:EncryptionAlgorithm': input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT' }
    : {};
}

/**
 * Checks that a key may be used so, in the order of KMS.
 *
 * @throws AwsError `KMSInvalidStateException`, `DisabledException`, `InvalidKeyUsageException`; and
 *   `DryRunOperationException` when the request only asks whether it would succeed
 */
export function usable(
  key: Key,
  action: string,
  spec: Key['spec'],
  { DryRun }: KeyRequest = {},
): void {
  if (key.deletion !== undefined)
    throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  if (key.spec !== spec) {
    throw new AwsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${usageOf(key)} which is not valid for ${action}.`,
    );
  }
  if (DryRun) {
    throw new AwsError(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    );
  }
}

export const usageOf = ({ spec }: Key): 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' =>
  spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY';

/** @throws AwsError `ValidationException` when it is larger than 8 KB or has a value that is no text */
export function contextOf({ EncryptionContext: context }: KeyRequest): EncryptionContext {
  if (context === undefined || context === null) return {};
  if (Object.values(context).some((value) => typeof value !== 'string'))
    throw invalid('The values of an encryption context are strings.');
  if (Buffer.byteLength(JSON.stringify(context)) > MOST_CONTEXT_BYTES)
    throw invalid(`The encryption context is larger than ${MOST_CONTEXT_BYTES} bytes.`);
  return context;
}

/** @throws AwsError `NotServedLocally` for another algorithm than that of symmetric keys */
export function symmetricOnly(algorithm: string | undefined): void {
  if (algorithm !== undefined && algorithm !== 'SYMMETRIC_DEFAULT')
    throw notServed(`the encryption algorithm ${algorithm}`);
}

/**
 * The bytes of a blob member.
 *
 * @param most in bytes
 * @throws AwsError `ValidationException` when it is missing, empty or too long
 */
export function blob(member: string, value: unknown, most: number): Buffer {
  if (typeof value !== 'string') throw required(member);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length >= 1 && bytes.length <= most) return bytes;
  const bound = bytes.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${most}`;
  throw invalid(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const required = (member: string): AwsError =>
  invalid(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
