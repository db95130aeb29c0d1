import { AwsError } from '#local/kernel/aws-error.ts';

/** A pattern that EventBridge does not take. @param reason a sentence without its end */
export const invalidPattern = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
