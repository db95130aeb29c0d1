import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { IamRequest } from '#local/kernel/service.ts';

/** A state machine's ARN taken apart: its name and, when qualified, a version number or alias. */
export interface MachineReference {
  readonly name: string;
  readonly qualifier?: string;
}

export const machineArn = (cloud: Cloud, name: string, qualifier?: string | number): string =>
  cloud.arn('states', `stateMachine:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);

export const executionArn = (cloud: Cloud, machine: string, name: string): string =>
  cloud.arn('states', `execution:${machine}:${name}`);

/** @throws AwsError `InvalidArn` when it is not the ARN of a state machine */
export function machineReference(arn: unknown): MachineReference {
  const [, , service, , , kind, name, qualifier, ...rest] =
    typeof arn === 'string' ? arn.split(':') : [];
  if (service !== 'states' || kind !== 'stateMachine' || !name || rest.length > 0)
    throw invalidArn(arn);
  return qualifier === undefined ? { name } : { name, qualifier };
}

/** @throws AwsError `InvalidArn` when it is not the ARN of an execution */
export function executionReference(arn: unknown): { machine: string; name: string } {
  const [, , service, , , kind, machine, name, ...rest] =
    typeof arn === 'string' ? arn.split(':') : [];
  if (service !== 'states' || kind !== 'execution' || !machine || !name || rest.length > 0)
    throw invalidArn(arn);
  return { machine, name };
}

/**
 * What must be allowed for an action on a state machine: AWS judges the ARN without its qualifier,
 * and gives the qualifier as a condition key.
 */
export function onMachine(cloud: Cloud, action: string, arn: unknown): IamRequest[] {
  const { name, qualifier } = machineReference(arn);
  return [
    {
      action: `states:${action}`,
      resource: machineArn(cloud, name),
      ...(qualifier === undefined
        ? {}
        : { conditions: { 'states:StateMachineQualifier': [qualifier] } }),
    },
  ];
}

/** What must be allowed for an action on an execution. */
export function onExecution(cloud: Cloud, action: string, arn: unknown): IamRequest[] {
  const { machine, name } = executionReference(arn);
  return [{ action: `states:${action}`, resource: executionArn(cloud, machine, name) }];
}

function invalidArn(arn: unknown): AwsError {
  return new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${String(arn)}'`);
}
