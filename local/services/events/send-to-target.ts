import type { Cloud } from '#local/kernel/cloud.ts';
import type { Principal } from '#local/kernel/service.ts';
import { notServed } from '#local/kernel/aws-error.ts';
import type { Envelope } from './envelope.ts';
import { targetInput } from './target-input.ts';
import type { Target } from './target.ts';

/**
 * Hands an event to a target, once.
 *
 * @throws AwsError as the target's service refuses it
 */
export async function sendToTarget(
  cloud: Cloud,
  rule: { readonly arn: string; readonly name: string },
  target: Target,
  event: Envelope,
): Promise<void> {
  const input = targetInput(target, event, rule);
  const principal: Principal = target.roleArn
    ? { kind: 'role', roleArn: target.roleArn, sessionName: 'events', tags: {} }
    : { kind: 'service', service: 'events.amazonaws.com', sourceArn: rule.arn };
  switch (target.arn.split(':')[2] ?? '') {
    case 'lambda':
      await cloud.call({
        service: 'lambda',
        action: 'Invoke',
        input: { FunctionName: target.arn, InvocationType: 'Event', Payload: input },
        principal,
      });
      return;
    case 'sqs':
      await sendToQueue(cloud, target.arn, principal, {
        MessageBody: input,
        ...(target.messageGroupId ? { MessageGroupId: target.messageGroupId } : {}),
      });
      return;
    case 'states':
      await cloud.call({
        service: 'states',
        action: 'StartExecution',
        input: { stateMachineArn: target.arn, input },
        principal,
      });
      return;
    default:
      throw notServed(`the EventBridge target ${target.arn}`);
  }
}

/** Sends a message to the queue of an ARN. @throws AwsError as SQS does */
export async function sendToQueue(
  cloud: Cloud,
  queueArn: string,
  principal: Principal,
  message: Readonly<Record<string, unknown>>,
): Promise<void> {
  const QueueUrl = `${cloud.endpoint}/${cloud.account}/${queueArn.split(':').at(-1)}`;
  await cloud.call({
    service: 'sqs',
    action: 'SendMessage',
    input: { QueueUrl, ...message },
    principal,
  });
}
