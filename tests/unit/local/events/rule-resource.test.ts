import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventsService } from '#local/services/events/events.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeResource } from '#tests/support/make-resource.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:finish';

describe('a rule of the template', () => {
  let bench: Awaited<ReturnType<typeof bareCloud>>;
  beforeEach(async () => {
    bench = await bareCloud((cloud) => [eventsService(cloud)]);
  });
  afterEach(() => bench.close());

  const rule = (name: string, targets: object[], more: object = {}) =>
    makeResource(bench.cloud, 'AWS::Events::Rule', name, {
      Name: name,
      EventPattern: { source: ['shop'] },
      Targets: targets,
      ...more,
    });

  it.each([
    ['an SNS topic', { Id: 't', Arn: 'arn:aws:sns:us-east-1:000000000000:topic' }, 'not serve'],
    [
      'a state machine without a role',
      { Id: 't', Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:x' },
      'RoleArn',
    ],
    ['an unknown member', { Id: 't', Arn: FUNCTION, HttpParameters: {} }, 'HttpParameters'],
    [
      'a placeholder without a path',
      { Id: 't', Arn: FUNCTION, InputTransformer: { InputTemplate: '<x>' } },
      'placeholder',
    ],
  ])('refuses a rule whose target is %s', async (_what, target, words) => {
    await expect(rule('bad', [target])).rejects.toThrow(words);
  });

  it.each([
    ['a bad pattern', { EventPattern: { source: 'shop' } }, 'array'],
    [
      'a schedule on a bus of its own',
      { EventBusName: 'orders', ScheduleExpression: 'rate(1 day)' },
      'default',
    ],
    ['an unknown bus', { EventBusName: 'none' }, 'does not exist'],
    [
      'the state of CloudTrail rules',
      { State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' },
      'not serve',
    ],
    ['a role of its own', { RoleArn: 'arn:aws:iam::000000000000:role/x' }, 'RoleArn'],
  ])('is refused with %s', async (_what, more, words) => {
    await makeResource(bench.cloud, 'AWS::Events::EventBus', 'Bus', { Name: 'orders' });
    await expect(rule('bad', [], more)).rejects.toThrow(words);
  });
});
