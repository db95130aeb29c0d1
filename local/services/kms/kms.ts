import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Service } from '#local/kernel/service.ts';
import { decrypt } from './actions/decrypt.ts';
import { describeKey } from './actions/describe-key.ts';
import { encrypt } from './actions/encrypt.ts';
import { generateDataKey, generateDataKeyWithoutPlaintext } from './actions/generate-data-key.ts';
import { getPublicKey } from './actions/get-public-key.ts';
import { sign, verifySignature } from './actions/sign.ts';
import { aliasResource, keyResource } from './key-resources.ts';
import { KeyStore } from './key-store.ts';
import type { KmsContext } from './request.ts';

/** AWS KMS: symmetric keys (AES-256-GCM) and signing keys (ECDSA P-256), with key policies. */
export function kmsService(cloud: Cloud): Service {
  const keys = new KeyStore(cloud);
  const kms: KmsContext = { cloud, keys };
  return {
    name: 'kms',
    wire: jsonWire('1.1'),
    actions: {
      Encrypt: encrypt(kms),
      Decrypt: decrypt(kms),
      GenerateDataKey: generateDataKey(kms),
      GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext(kms),
      Sign: sign(kms),
      Verify: verifySignature(kms),
      GetPublicKey: getPublicKey(kms),
      DescribeKey: describeKey(kms),
    },
    resources: [keyResource(kms), aliasResource(kms)],
    resourcePolicy: (arn) => keys.policy(arn),
  };
}
