import type { Action } from '#local/kernel/service.ts';
import { refuseOthers, requestedSecret, secretNeed, type SecretsContext } from '../permission.ts';

interface DescribeSecretInput {
  readonly SecretId?: string;
}

/** A secret and its versions' stages, without any value. */
export function describeSecret(context: SecretsContext): Action<DescribeSecretInput> {
  return {
    reads: true,
    authorize(input) {
      refuseOthers('DescribeSecret', input, ['SecretId']);
      return [secretNeed('DescribeSecret', requestedSecret(context, input))];
    },
    run(input) {
      const secret = requestedSecret(context, input);
      const staged = context.secrets.versions(secret.arn).filter(({ stages }) => stages.length > 0);
      return {
        ARN: secret.arn,
        Name: secret.name,
        ...(secret.description !== '' && { Description: secret.description }),
        ...(secret.kmsKeyArn !== undefined && { KmsKeyId: secret.kmsKeyArn }),
        CreatedDate: secret.created / 1000,
        LastChangedDate: secret.changed / 1000,
        VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, stages])),
      };
    },
  };
}
