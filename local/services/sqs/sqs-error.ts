import { AwsError } from '#local/kernel/aws-error.ts';

/** A queue that is not there, as SQS says it. */
export const noSuchQueue = (): AwsError =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

/** A parameter with a value that SQS does not take; `reason` is the whole sentence. */
export const invalidParameter = (reason: string): AwsError =>
  new AwsError('InvalidParameterValueException', reason);

/** A parameter that SQS requires and that the request lacks. */
export const missingParameter = (name: string): AwsError =>
  new AwsError(
    'MissingRequiredParameterException',
    `The request must contain the parameter ${name}.`,
  );

/** A FIFO parameter on a standard queue, worded as SQS words it. */
export const notForThisQueueType = (name: string, value: string): AwsError =>
  invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
  );

/**
 * Checks an integer parameter that may be absent.
 *
 * @param range how SQS words the allowed range, such as `Must be between 1 and 10, if provided.`
 * @throws AwsError InvalidParameterValue when it is no integer from `min` to `max`
 */
export function integerParameter(
  name: string,
  value: unknown,
  limits: { readonly min: number; readonly max: number; readonly range: string },
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (value >= limits.min && value <= limits.max) return value;
  }
  throw invalidParameter(
    `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: ${limits.range}`,
  );
}
