import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import { takeMembers } from '#local/template/take-properties.ts';
import { parseEventPath } from './event-path.ts';

/** Rewrites an event for a target. */
export interface InputTransformer {
  readonly InputPathsMap?: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}

/** Where a rule sends events. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string;
  /** A constant JSON text in place of the event. */
  readonly input?: string;
  readonly inputPath?: string;
  readonly inputTransformer?: InputTransformer;
  readonly deadLetterArn?: string;
  /** Of an SQS queue. */
  readonly messageGroupId?: string;
  readonly retries: number;
  readonly maximumAgeSeconds: number;
}

/** Defaults and limits of RetryPolicy, from its reference. */
const MOST_RETRIES = 185;
const LONGEST_AGE_SECONDS = 86_400;

/**
 * Checks a target of a template's rule.
 *
 * @param where names the resource in a refusal
 * @throws AwsError for what AWS refuses or this cloud does not serve
 */
export function parseTarget(where: string, value: unknown): Target {
  const members = takeMembers(`${where}: Targets`, value as Record<string, unknown>, {
    served: [
      'Id',
      'Arn',
      'RoleArn',
      'Input',
      'InputPath',
      'InputTransformer',
      'DeadLetterConfig',
      'RetryPolicy',
      'SqsParameters',
    ],
  });
  const { Id, Arn, RoleArn, Input, InputPath, InputTransformer } = members;
  const service = String(Arn).split(':')[2] ?? '';
  if (!['lambda', 'sqs', 'states'].includes(service)) {
    throw notServed(`EventBridge targets of ${service || 'that kind'} (${where})`);
  }
  if (service === 'states' && RoleArn === undefined) {
    throw new AwsError('ValidationException', `RoleArn is required for target ${String(Arn)}.`);
  }
  checkInput(members);
  return {
    id: Id as string,
    arn: Arn as string,
    ...(RoleArn === undefined ? {} : { roleArn: RoleArn as string }),
    ...(Input === undefined ? {} : { input: Input as string }),
    ...(InputPath === undefined ? {} : { inputPath: InputPath as string }),
    ...(InputTransformer === undefined
      ? {}
      : { inputTransformer: InputTransformer as InputTransformer }),
    ...nestedSettings(where, members),
  };
}

function checkInput({
  Input,
  InputPath,
  InputTransformer,
}: Readonly<Record<string, unknown>>): void {
  if ([Input, InputPath, InputTransformer].filter((given) => given !== undefined).length > 1) {
    throw new AwsError(
      'ValidationException',
      'Only one of Input, InputPath, or InputTransformer must be provided.',
    );
  }
  if (InputPath !== undefined) parseEventPath(InputPath as string);
  if (InputTransformer !== undefined) checkTransformer(InputTransformer as InputTransformer);
  if (Input !== undefined) checkJson(Input as string);
}

function checkTransformer({ InputPathsMap = {}, InputTemplate }: InputTransformer): void {
  for (const [name, path] of Object.entries(InputPathsMap)) {
    if (/^aws/i.test(name)) {
      throw new AwsError(
        'ValidationException',
        `InputPathsMap key ${name} may not start with AWS.`,
      );
    }
    parseEventPath(path);
  }
  for (const [, name = ''] of InputTemplate.matchAll(/<([^<>\s]+)>/g)) {
    if (!name.startsWith('aws.events.') && !(name in InputPathsMap)) {
      throw new AwsError(
        'ValidationException',
        `InputTemplate for target contains invalid placeholder ${name}.`,
      );
    }
  }
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', 'Parameter Input is not valid JSON.');
  }
}

function nestedSettings(where: string, members: Readonly<Record<string, unknown>>) {
  const inside = (name: string, served: string[]) =>
    takeMembers(`${where}: ${name}`, (members[name] ?? {}) as Record<string, unknown>, { served });
  const retry = inside('RetryPolicy', ['MaximumRetryAttempts', 'MaximumEventAgeInSeconds']);
  const { Arn: deadLetterArn } = inside('DeadLetterConfig', ['Arn']);
  const { MessageGroupId } = inside('SqsParameters', ['MessageGroupId']);
  return {
    retries: within(retry.MaximumRetryAttempts, 0, MOST_RETRIES),
    maximumAgeSeconds: within(retry.MaximumEventAgeInSeconds, 60, LONGEST_AGE_SECONDS),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn: deadLetterArn as string }),
    ...(MessageGroupId === undefined ? {} : { messageGroupId: MessageGroupId as string }),
  };
}

/** The number, or the largest when there is none. */
function within(value: unknown, min: number, max: number): number {
  const number = Number(value ?? max);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new AwsError('ValidationException', `RetryPolicy takes values from ${min} to ${max}.`);
}
