import type { Cloud } from '#local/kernel/cloud.ts';
import { functionArn, type FunctionReference } from './function-name.ts';
import type { FunctionRevision } from './function-settings.ts';

/**
 * A revision as GetFunctionConfiguration and the lists show it.
 *
 * @param reference as the caller named it: the ARN carries the qualifier that was used
 */
export function describeFunction(
  cloud: Cloud,
  revision: FunctionRevision,
  reference: FunctionReference,
): Record<string, unknown> {
  const { settings } = revision;
  return {
    FunctionName: revision.functionName,
    FunctionArn: functionArn(cloud, reference),
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: revision.codeBytes,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: new Date(revision.modifiedAt).toISOString().replace('Z', '+0000'),
    CodeSha256: Buffer.from(revision.codeSha256, 'hex').toString('base64'),
    Version: revision.version,
    Environment: { Variables: settings.environment },
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: revision.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: settings.logGroup },
  };
}
