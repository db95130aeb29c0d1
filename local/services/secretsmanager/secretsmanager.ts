import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Service } from '#local/kernel/service.ts';
import { describeSecret } from './actions/describe-secret.ts';
import { getSecretValue } from './actions/get-secret-value.ts';
import { putSecretValue } from './actions/put-secret-value.ts';
import type { SecretsContext } from './permission.ts';
import { secretResource } from './secret-resource.ts';
import { SecretStore } from './secret-store.ts';

/** AWS Secrets Manager: the template's secrets, with versions and their stages. */
export function secretsManagerService(cloud: Cloud): Service {
  const context: SecretsContext = { cloud, secrets: new SecretStore(cloud) };
  return {
    name: 'secretsmanager',
    wire: jsonWire('1.1'),
    actions: {
      GetSecretValue: getSecretValue(context),
      PutSecretValue: putSecretValue(context),
      DescribeSecret: describeSecret(context),
    },
    resources: [secretResource(context)],
  };
}
