import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { invalidValue } from './function-settings.ts';

/** A function as a request names it. */
export interface FunctionReference {
  readonly name: string;
  /** A version's number, `$LATEST` or an alias, when the request gives one. */
  readonly qualifier?: string;
}

const PATTERN =
  /^(?:arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:|\d{12}:(?:function:)?|function:)?([\w-]{1,64})(?::(\$LATEST|[\w-]{1,128}))?$/;

/**
 * Takes a name, partial ARN or ARN apart, with or without a qualifier at its end.
 *
 * @throws AwsError ValidationException or InvalidParameterValueException as Lambda answers it
 */
export function functionReference(nameOrArn: unknown, qualifier?: unknown): FunctionReference {
  const match = typeof nameOrArn === 'string' ? PATTERN.exec(nameOrArn) : null;
  if (!match?.[1]) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${String(nameOrArn)}' at 'functionName' failed to satisfy constraint: Member must satisfy the pattern of a function name or ARN`,
    );
  }
  const [, name, own] = match;
  if (typeof qualifier !== 'string' || qualifier === '') return { name, qualifier: own };
  if (own !== undefined && own !== qualifier) {
    throw invalidValue(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  return { name, qualifier };
}

/** The ARN of a function, qualified when the reference is. */
export const functionArn = (cloud: Cloud, { name, qualifier }: FunctionReference): string =>
  cloud.arn('lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);
