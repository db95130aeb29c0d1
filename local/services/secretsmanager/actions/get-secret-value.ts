import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import {
  keyNeeds,
  refuseOthers,
  requestedSecret,
  secretNeed,
  type SecretsContext,
} from '../permission.ts';
import { notFound, type Secret, type Version } from '../secret-store.ts';

interface GetSecretValueInput {
  readonly SecretId?: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

/** The value of a version, by default of the current one. */
export function getSecretValue(context: SecretsContext): Action<GetSecretValueInput> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('GetSecretValue', input, ['SecretId', 'VersionId', 'VersionStage']);
      const secret = requestedSecret(context, input);
      const { VersionId, VersionStage } = input;
      return [
        secretNeed('GetSecretValue', secret, {
          ...(VersionId !== undefined && { 'secretsmanager:VersionId': VersionId }),
          ...(VersionId === undefined && {
            'secretsmanager:VersionStage': VersionStage ?? 'AWSCURRENT',
          }),
        }),
        ...(secret.kmsKeyArn === undefined
          ? []
          : keyNeeds(context, ['Decrypt'], secret, requestedVersion(context, secret, input).id)),
      ];
    },
    run(input) {
      const secret = requestedSecret(context, input);
      const version = requestedVersion(context, secret, input);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: version.stages,
        CreatedDate: version.created / 1000,
        ...version.value,
      };
    },
  };
}

function requestedVersion(
  { secrets }: SecretsContext,
  { arn }: Secret,
  { VersionId: id, VersionStage: stage }: GetSecretValueInput,
): Version {
  const versions = secrets.versions(arn);
  if (id === undefined) {
    const wanted = stage ?? 'AWSCURRENT';
    const staged = versions.find(({ stages }) => stages.includes(wanted));
    if (staged) return staged;
    throw notFound(
      `Secrets Manager can't find the specified secret value for staging label: ${wanted}`,
    );
  }
  const version = versions.find((candidate) => candidate.id === id);
  if (!version)
    throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw new AwsError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  return version;
}
