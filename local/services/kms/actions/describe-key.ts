import type { Action } from '#local/kernel/service.ts';
import type { Key } from '../key-store.ts';
import {
  keyNeed,
  refuseOthers,
  requestedKey,
  usageOf,
  type KeyRequest,
  type KmsContext,
} from '../request.ts';

/** What is known of a key, whatever its state. */
export function describeKey(kms: KmsContext): Action<KeyRequest> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('DescribeKey', input, ['KeyId']);
      return [keyNeed(kms, 'DescribeKey', requestedKey(kms, input), input)];
    },
    run(input) {
      const key = requestedKey(kms, input);
      const usage = usageOf(key);
      return {
        KeyMetadata: {
          AWSAccountId: kms.cloud.account,
          Arn: key.arn,
          KeyId: key.id,
          CreationDate: key.created / 1000,
          ...(key.deletion !== undefined && { DeletionDate: key.deletion / 1000 }),
          Description: key.description,
          Enabled: key.enabled && key.deletion === undefined,
          KeyState: stateOf(key),
          KeySpec: key.spec,
          CustomerMasterKeySpec: key.spec,
          KeyUsage: usage,
          KeyManager: 'CUSTOMER',
          MultiRegion: false,
          Origin: 'AWS_KMS',
          ...(usage === 'SIGN_VERIFY'
            ? { SigningAlgorithms: ['ECDSA_SHA_256'] }
            : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }),
        },
      };
    },
  };
}

function stateOf({ deletion, enabled }: Key): string {
  if (deletion !== undefined) return 'PendingDeletion';
  return enabled ? 'Enabled' : 'Disabled';
}
