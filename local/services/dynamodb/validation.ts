import { AwsError } from '#local/kernel/aws-error.ts';

/** DynamoDB's answer to a malformed request. */
export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** A ValidationException about the values of parameters, with DynamoDB's usual opening. */
export const invalidValues = (message: string): AwsError =>
  invalid(`One or more parameter values were invalid: ${message}`);

/** A ValidationException in the form that DynamoDB gives to constraint failures of one parameter. */
export const constraintFailed = (
  value: string | number | undefined,
  parameter: string,
  constraint: string,
): AwsError =>
  invalid(
    `1 validation error detected: Value ${value === undefined ? 'null' : `'${value}'`} at ` +
      `'${parameter}' failed to satisfy constraint: ${constraint}`,
  );

/** Refuses a value that is present and not among the allowed ones. */
export function requireOneOf(
  value: string | undefined,
  parameter: string,
  allowed: readonly string[],
): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw constraintFailed(
      value,
      parameter,
      `Member must satisfy enum value set: [${allowed.join(', ')}]`,
    );
  }
}
