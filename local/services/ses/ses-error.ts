import { AwsError } from '#local/kernel/aws-error.ts';

/** Input that SES does not take. */
export const badRequest = (message: string): AwsError =>
  new AwsError('BadRequestException', message);

/** Something that was named and is not there. */
export const notFound = (message: string): AwsError =>
  new AwsError('NotFoundException', message, 404);

/** A mail that SES does not send. */
export const messageRejected = (message: string): AwsError =>
  new AwsError('MessageRejected', message);
