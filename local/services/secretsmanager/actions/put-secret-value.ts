import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import {
  keyNeeds,
  refuseOthers,
  requestedSecret,
  secretNeed,
  type SecretsContext,
} from '../permission.ts';
import type { SecretValue } from '../secret-store.ts';

interface PutSecretValueInput extends SecretValue {
  readonly SecretId?: string;
  readonly ClientRequestToken?: string;
  readonly VersionStages?: readonly string[];
}

/** The largest value, in bytes. */
const MOST_BYTES = 65_536;
const MOST_STAGES = 20;
/** @default of VersionStages */
const CURRENT = ['AWSCURRENT'];

/** A new version; a repeat with the same token and value changes nothing. */
export function putSecretValue(context: SecretsContext): Action<PutSecretValueInput> {
  return {
    authorize(input) {
      refuseOthers('PutSecretValue', input, [
        'SecretId',
        'ClientRequestToken',
        'SecretString',
        'SecretBinary',
        'VersionStages',
      ]);
      const secret = requestedSecret(context, input);
      return [
        secretNeed('PutSecretValue', secret),
        ...keyNeeds(
          context,
          ['GenerateDataKey', 'Decrypt'],
          secret,
          input.ClientRequestToken ?? '',
        ),
      ];
    },
    run(input) {
      const secret = requestedSecret(context, input);
      const { ClientRequestToken: id = randomUUID(), VersionStages = CURRENT } = input;
      if (!/^[\w!-]{32,64}$/.test(id))
        throw invalid('ClientRequestToken must be 32 to 64 characters long.');
      if (VersionStages.length < 1 || VersionStages.length > MOST_STAGES)
        throw invalid(`VersionStages has between 1 and ${MOST_STAGES} members.`);
      const stages = context.secrets.addVersion(secret, id, valueOf(input), VersionStages);
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stages };
    },
  };
}

function valueOf({ SecretString, SecretBinary }: PutSecretValueInput): SecretValue {
  if ((SecretString === undefined) === (SecretBinary === undefined))
    throw invalid('You must provide either SecretString or SecretBinary, and not both.');
  const bytes = Buffer.byteLength(
    SecretString ?? SecretBinary ?? '',
    SecretString === undefined ? 'base64' : 'utf8',
  );
  if (bytes < 1 || bytes > MOST_BYTES)
    throw invalid(`A secret value has between 1 and ${MOST_BYTES} bytes.`);
  return SecretString === undefined ? { SecretBinary } : { SecretString };
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);
