import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import { invalidParameter } from './sqs-error.ts';

/** Attributes of a queue by their AWS names, as strings, as the API gives and takes them. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** Whole numbers: smallest, largest and default, from the SetQueueAttributes reference. */
const NUMBERS = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
} as const;

/** The attributes of a queue of which nothing was said. */
export const DEFAULT_ATTRIBUTES: QueueAttributes = {
  ...Object.fromEntries(
    Object.entries(NUMBERS).map(([name, [, , value]]) => [name, String(value)]),
  ),
  SqsManagedSseEnabled: 'true',
};

/** How the messages of a queue are redriven. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  /** From 1 to 1000. */
  readonly maxReceiveCount: number;
}

/**
 * `current` with `changes` applied; an empty value takes a policy or key away.
 *
 * @throws AwsError InvalidAttributeName or InvalidAttributeValue as SetQueueAttributes does
 */
export function withChanges(current: QueueAttributes, changes: QueueAttributes): QueueAttributes {
  const next: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    checkAttribute(name, value);
    if (value === '') delete next[name];
    else next[name] = value;
  }
  return withOneEncryption(next, changes);
}

/** @throws AwsError InvalidParameterValue when the JSON lacks a target or a sound count */
export function parseRedrivePolicy(text: string): RedrivePolicy {
  const fault = (reason: string) =>
    invalidParameter(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  const policy = parseObject(text);
  if (!policy) throw fault('Redrive policy is not a valid JSON map.');
  const { deadLetterTargetArn, maxReceiveCount } = policy;
  if (typeof deadLetterTargetArn !== 'string') {
    throw fault('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  }
  if (maxReceiveCount === undefined) {
    throw fault('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  }
  const count = Number(maxReceiveCount);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw fault('Invalid value for maxReceiveCount: ' + JSON.stringify(maxReceiveCount) + '.');
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** Tells whether a dead-letter queue's `RedriveAllowPolicy` lets `sourceArn` redrive to it. */
export function allowsRedriveFrom(policy: string | undefined, sourceArn: string): boolean {
  const allow = policy === undefined ? undefined : parseObject(policy);
  switch (allow?.redrivePermission) {
    case 'denyAll':
      return false;
    case 'byQueue':
      return Array.isArray(allow.sourceQueueArns) && allow.sourceQueueArns.includes(sourceArn);
    default:
      return true;
  }
}

function checkAttribute(name: string, value: string): void {
  if (name in NUMBERS) {
    const [min, max] = NUMBERS[name as keyof typeof NUMBERS];
    if (!isWholeNumber(value, min, max)) throw invalidValue(name);
    return;
  }
  if (name === 'Policy') {
    throw notServed('the queue attribute Policy (declare an AWS::SQS::QueuePolicy)');
  }
  const check = CHECKS[name];
  if (!check) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (!check(value)) throw invalidValue(name);
}

/** The attributes that are no plain numbers; FIFO ones are missing because those queues are refused. */
const CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  RedrivePolicy: (value) => value === '' || parseRedrivePolicy(value).maxReceiveCount > 0,
  RedriveAllowPolicy: (value) => value === '' || checkRedriveAllowPolicy(value),
  SqsManagedSseEnabled: (value) => value === 'true' || value === 'false',
  KmsMasterKeyId: () => true,
  KmsDataKeyReusePeriodSeconds: (value) => isWholeNumber(value, 60, 86_400),
};

function isWholeNumber(value: string, min: number, max: number): boolean {
  const number = Number(value);
  return value.trim() !== '' && Number.isInteger(number) && number >= min && number <= max;
}

function checkRedriveAllowPolicy(text: string): true {
  const permission = parseObject(text)?.redrivePermission;
  if (!['allowAll', 'denyAll', 'byQueue'].includes(permission as string)) {
    throw invalidParameter(
      `Value ${text} for parameter RedriveAllowPolicy is invalid. Reason: redrivePermission must be allowAll, denyAll or byQueue.`,
    );
  }
  return true;
}

/** A queue is encrypted with a KMS key or by SQS, never both. */
function withOneEncryption(
  next: Record<string, string>,
  changes: QueueAttributes,
): QueueAttributes {
  if (changes.KmsMasterKeyId && changes.SqsManagedSseEnabled === 'true') {
    throw new AwsError(
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  }
  if (changes.KmsMasterKeyId) {
    next.SqsManagedSseEnabled = 'false';
    next.KmsDataKeyReusePeriodSeconds ??= '300';
  } else if (changes.SqsManagedSseEnabled === 'true') {
    delete next.KmsMasterKeyId;
    delete next.KmsDataKeyReusePeriodSeconds;
  }
  return next;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const invalidValue = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
