import { AwsError } from '#local/kernel/aws-error.ts';

/** What a version of a function consists of besides its code. */
export interface FunctionSettings {
  readonly handler: string;
  readonly runtime: string;
  readonly role: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly logGroup: string;
}

/** One immutable state of a function: `$LATEST` as it is now, or a published version. */
export interface FunctionRevision {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly settings: FunctionSettings;
  /** Hex SHA-256 of the code folder. */
  readonly codeSha256: string;
  readonly codeBytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** Changes whenever settings or code do. */
  readonly revisionId: string;
}

/** The runtimes that the local cloud runs, all by its own Node. */
export const SERVED_RUNTIMES = ['nodejs22.x', 'nodejs24.x'];

/** "Defined runtime environment variables" in the Lambda developer guide, the reserved ones. */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

/** 4 KB for all variables of a function together. */
const MAX_ENVIRONMENT_BYTES = 4096;

/** @throws AwsError InvalidParameterValueException for what CreateFunction would refuse */
export function checkSettings(settings: FunctionSettings): FunctionSettings {
  if (!SERVED_RUNTIMES.includes(settings.runtime)) {
    throw invalidValue(
      `The runtime parameter of ${settings.runtime} is not one of ${SERVED_RUNTIMES.join(', ')}, which the local cloud runs.`,
    );
  }
  within('timeout', settings.timeoutSeconds, 1, 900);
  within('memorySize', settings.memoryMb, 128, 10_240);
  const reserved = Object.keys(settings.environment).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalidValue(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const odd = Object.keys(settings.environment).find((name) => !/^[a-zA-Z]\w+$/.test(name));
  if (odd !== undefined) {
    throw invalidValue(
      `Value '${odd}' at 'environment.variables' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(settings.environment)) > MAX_ENVIRONMENT_BYTES) {
    throw invalidValue(
      'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.',
    );
  }
  return settings;
}

/** The error with which Lambda answers a parameter that it cannot take. */
export const invalidValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });

function within(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw invalidValue(
    `Value '${value}' at '${name}' failed to satisfy constraint: Member must be a whole number from ${min} to ${max}`,
  );
}
