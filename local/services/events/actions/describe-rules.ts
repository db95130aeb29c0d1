import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import type { EventsContext } from '../events-context.ts';
import type { Rule } from '../rule-store.ts';
import type { Target } from '../target.ts';

interface Input {
  readonly EventBusName?: string;
  readonly Limit?: number;
  readonly NextToken?: string;
}

const LARGEST_PAGE = 100;

/** ListRules, by name. */
export const listRules = ({
  buses,
  rules,
}: EventsContext): Action<Input & { readonly NamePrefix?: string }> => ({
  reads: true,
  authorize: () => [{ action: 'events:ListRules', resource: '*' }],
  run(input) {
    const found = rules
      .onBus(buses.named(input.EventBusName))
      .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
    const { page, NextToken } = pageOf(found, ({ name }) => name, input);
    return { Rules: page.map(presented), ...(NextToken === undefined ? {} : { NextToken }) };
  },
});

/** DescribeRule. */
export const describeRule = ({
  buses,
  rules,
}: EventsContext): Action<Input & { readonly Name?: string }> => ({
  reads: true,
  authorize: ({ EventBusName, Name = '' }) => [
    {
      action: 'events:DescribeRule',
      resource: rules.named(buses.named(EventBusName), Name).arn,
    },
  ],
  run: ({ EventBusName, Name = '' }) => presented(rules.named(buses.named(EventBusName), Name)),
});

/** ListTargetsByRule. */
export const listTargetsByRule = ({
  buses,
  rules,
}: EventsContext): Action<Input & { readonly Rule?: string }> => ({
  reads: true,
  authorize: ({ EventBusName, Rule = '' }) => [
    {
      action: 'events:ListTargetsByRule',
      resource: rules.named(buses.named(EventBusName), Rule).arn,
    },
  ],
  run(input) {
    const { targets } = rules.named(buses.named(input.EventBusName), input.Rule ?? '');
    const { page, NextToken } = pageOf(targets, ({ id }) => id, input);
    return {
      Targets: page.map(presentedTarget),
      ...(NextToken === undefined ? {} : { NextToken }),
    };
  },
});

function presented(rule: Rule): Record<string, unknown> {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.bus,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.pattern === undefined ? {} : { EventPattern: rule.pattern }),
    ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
  };
}

function presentedTarget(target: Target): Record<string, unknown> {
  return {
    Id: target.id,
    Arn: target.arn,
    RoleArn: target.roleArn,
    Input: target.input,
    InputPath: target.inputPath,
    InputTransformer: target.inputTransformer,
    ...(target.deadLetterArn === undefined
      ? {}
      : { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(target.messageGroupId === undefined
      ? {}
      : { SqsParameters: { MessageGroupId: target.messageGroupId } }),
    RetryPolicy: {
      MaximumRetryAttempts: target.retries,
      MaximumEventAgeInSeconds: target.maximumAgeSeconds,
    },
  };
}

function pageOf<Item>(
  all: readonly Item[],
  nameOf: (item: Item) => string,
  { Limit = LARGEST_PAGE, NextToken }: Input,
): { readonly page: readonly Item[]; readonly NextToken?: string } {
  if (!Number.isInteger(Limit) || Limit < 1 || Limit > LARGEST_PAGE) {
    throw new AwsError('ValidationException', `Limit must be from 1 to ${LARGEST_PAGE}.`);
  }
  const last = NextToken === undefined ? '' : Buffer.from(NextToken, 'base64url').toString('utf8');
  const at = NextToken === undefined ? 0 : all.findIndex((item) => nameOf(item) === last) + 1;
  const page = all.slice(at, at + Limit);
  const final = page.at(-1);
  return at + page.length < all.length && final !== undefined
    ? { page, NextToken: Buffer.from(nameOf(final)).toString('base64url') }
    : { page };
}
