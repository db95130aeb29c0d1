import { createHash, randomUUID } from 'node:crypto';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeMembers, takeProperties } from '#local/template/take-properties.ts';
import { generateSecretString, type GenerateSecretString } from './generate-password.ts';
import type { SecretsContext } from './permission.ts';

interface SecretProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly SecretString?: string;
  readonly GenerateSecretString?: GenerateSecretString;
}

/**
 * `AWS::SecretsManager::Secret`: Ref and Id are its ARN. As in CloudFormation, only a change of what
 * the template says of the value makes a version; a value that was put since then stays.
 */
export function secretResource({ cloud, secrets }: SecretsContext): ResourceProvider {
  return {
    type: 'AWS::SecretsManager::Secret',
    upsert(resource) {
      const properties = takeProperties(resource, {
        served: ['Name', 'Description', 'KmsKeyId', 'SecretString', 'GenerateSecretString'],
        inert: ['Tags'],
      }) as SecretProperties;
      const { Description = '', KmsKeyId, Name = resource.defaultName } = properties;
      if (KmsKeyId !== undefined && !KmsKeyId.startsWith('arn:'))
        throw notServed(`${resource.logicalId}: a KmsKeyId that is no ARN`);
      const makeValue = valueMaker(`${resource.type} ${resource.logicalId}`, properties);
      const template = digest(properties);
      const arn = cloud.database.transaction(() => {
        const secret = secrets.put(Name, Description, KmsKeyId);
        if (secrets.template(secret.arn) === template) return secret.arn;
        secrets.setTemplate(secret.arn, template);
        const value = makeValue?.();
        if (value !== undefined)
          secrets.addVersion(secret, randomUUID(), { SecretString: value }, ['AWSCURRENT']);
        return secret.arn;
      });
      return { ref: arn, attributes: { Id: arn } };
    },
    remove: (ref) => secrets.remove(ref),
  };
}

function valueMaker(where: string, properties: SecretProperties): (() => string) | undefined {
  const { SecretString, GenerateSecretString: rules } = properties;
  if (SecretString !== undefined && rules !== undefined) {
    throw new AwsError(
      'InvalidRequestException',
      `${where}: SecretString and GenerateSecretString exclude each other.`,
    );
  }
  if (SecretString !== undefined) return () => SecretString;
  if (rules === undefined) return undefined;
  takeMembers(`${where}: GenerateSecretString`, { ...rules }, { served: RULES });
  return () => generateSecretString(rules);
}

const RULES = [
  'ExcludeCharacters',
  'ExcludeLowercase',
  'ExcludeNumbers',
  'ExcludePunctuation',
  'ExcludeUppercase',
  'GenerateStringKey',
  'IncludeSpace',
  'PasswordLength',
  'RequireEachIncludedType',
  'SecretStringTemplate',
];

const digest = ({ SecretString, GenerateSecretString: rules }: SecretProperties): string =>
  createHash('sha256')
    .update(JSON.stringify([SecretString, Object.entries(rules ?? {}).sort()]))
    .digest('hex');
