import { AwsError } from '#local/kernel/aws-error.ts';
import type { TaskOutcome } from '#local/workflow/execution.ts';
import type { ErrorStyle } from './integration.ts';
import { TaskFailure } from './integration.ts';

/** How a call that threw ends its task: error names and causes as the AWS SDK for Java has them. */
export function failureOf(
  error: unknown,
  prefix: string,
  style: ErrorStyle,
  requestId: string,
): TaskOutcome {
  if (error instanceof TaskFailure) return error.outcome;
  if (!(error instanceof AwsError)) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      kind: 'failed',
      error: `${prefix}.SdkClientException`,
      cause: `Unable to execute HTTP request: ${message}`,
    };
  }
  const { code, message, status } = error;
  if (style.sdk === 2) {
    return {
      kind: 'failed',
      error: `${prefix}.${exceptionName(code)}`,
      cause: `${message} (Service: ${style.service}, Status Code: ${status}, Request ID: ${requestId})`,
    };
  }
  return {
    kind: 'failed',
    error: `${prefix}.${modeledName(code, style)}`,
    cause: `${message} (Service: ${style.service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
  };
}

/** What AWS calls the failure of a call whose answer was lost. */
export function lostAnswer(resourceType: string, prefix: string): TaskOutcome {
  if (resourceType === 'lambda' || resourceType === 'lambda-arn') {
    return {
      kind: 'failed',
      error: 'Lambda.Unknown',
      cause:
        'The cause could not be determined because Lambda did not return an error type. Returned payload: null',
    };
  }
  return {
    kind: 'failed',
    error: `${prefix}.SdkClientException`,
    cause: 'Unable to execute HTTP request: The connection was lost before the answer came.',
  };
}

/** Errors that a service does not list go by the general name of its SDK's exceptions. */
function modeledName(code: string, style: Extract<ErrorStyle, { sdk: 1 }>): string {
  const general =
    /^(AccessDenied|Validation|Throttling|MissingParameter|NotServed|UnrecognizedClient)/.test(
      code,
    );
  if (style.modeled ? !style.modeled.has(code) : general) return style.general;
  return exceptionName(code);
}

/** `QueueDoesNotExist` is thrown as `QueueDoesNotExistException`. */
function exceptionName(code: string): string {
  const name = code.split('.').at(-1) as string;
  return name.endsWith('Exception') ? name : `${name}Exception`;
}
