import { join, resolve } from 'node:path';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { FunctionRevision } from '../function-settings.ts';

/** What differs from one process of a revision to the next. */
export interface ProcessIdentity {
  readonly codePath: string;
  /** `127.0.0.1:<port>/<secret>`: only who holds the secret may take this process's events. */
  readonly runtimeApi: string;
  readonly logStream: string;
}

/** How long a process's credentials live; longer than an invocation (900 s) and its wait. */
export const CREDENTIAL_SECONDS = 3600;

/** A process whose credentials end sooner than this takes no more events: 900 s and some spare. */
export const CREDENTIAL_RESERVE_MS = 1_200_000;

/**
 * All environment variables of a function's process: Lambda's own, the role's credentials, the
 * function's. Nothing of the environment in which the local cloud runs.
 */
export function processEnvironment(
  cloud: Cloud,
  { functionName, version, settings }: FunctionRevision,
  identity: ProcessIdentity,
): Record<string, string> {
  const credentials = cloud.issueCredentials({
    roleArn: settings.role,
    sessionName: functionName,
    seconds: CREDENTIAL_SECONDS,
  });
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: cloud.endpoint,
    ...settings.environment,
    _HANDLER: settings.handler,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: identity.logStream,
    AWS_LAMBDA_RUNTIME_API: identity.runtimeApi,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_TASK_ROOT: identity.codePath,
  };
}

/**
 * The arguments with which Node runs a process. As on Lambda, a tenth of the memory is left to what
 * is not the heap.
 */
export function processArguments(cloud: Cloud, settings: { readonly memoryMb: number }): string[] {
  return [
    '--enable-source-maps',
    `--max-old-space-size=${Math.floor(settings.memoryMb * 0.9)}`,
    BOOTSTRAP,
    resolve(cloud.stateFolder, 'compile-cache'),
  ];
}

const BOOTSTRAP = join(import.meta.dirname, '..', 'bootstrap', 'bootstrap.js');
