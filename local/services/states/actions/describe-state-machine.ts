import type { Action } from '#local/kernel/service.ts';
import { machineArn, machineReference, onExecution, onMachine } from '../arn.ts';
import { noMachine, type Machine } from '../machine-store.ts';
import { inSeconds, type StatesContext } from '../states-context.ts';

/** Describes a state machine, or a version of it when its ARN has a version number. */
export const describeStateMachine = (
  states: StatesContext,
): Action<{ readonly stateMachineArn?: string }> => ({
  reads: true,
  authorize: ({ stateMachineArn }, { cloud }) =>
    onMachine(cloud, 'DescribeStateMachine', stateMachineArn),
  run({ stateMachineArn }, { cloud }) {
    const { name, qualifier } = machineReference(stateMachineArn);
    const machine = states.machines.get({ name });
    if (qualifier === undefined) return describe(states, machine, machineArn(cloud, name));
    const arn = machineArn(cloud, name, qualifier);
    const number = /^\d+$/.test(qualifier)
      ? Number(qualifier)
      : versionOfAlias(states, name, qualifier);
    const version = number === undefined ? undefined : states.machines.version(name, number);
    if (!version) throw noMachine(arn);
    return describe(states, { ...machine, ...version, name }, arn);
  },
});

/** Describes the state machine as it was when an execution started. */
export const describeStateMachineForExecution = (
  states: StatesContext,
): Action<{ readonly executionArn?: string }> => ({
  reads: true,
  authorize: ({ executionArn }, { cloud }) =>
    onExecution(cloud, 'DescribeStateMachineForExecution', executionArn),
  run({ executionArn }, { cloud }) {
    const row = states.executions.get(executionArn);
    return {
      stateMachineArn: machineArn(cloud, row.machine),
      name: row.machine,
      definition: states.machines.text(row.digest),
      roleArn: row.roleArn,
      updateDate: inSeconds(row.started),
    };
  },
});

function describe(states: StatesContext, machine: Machine, stateMachineArn: string) {
  return {
    stateMachineArn,
    name: machine.name,
    status: 'ACTIVE',
    definition: states.machines.text(machine.digest),
    roleArn: machine.roleArn,
    type: 'STANDARD',
    creationDate: inSeconds(machine.created),
    loggingConfiguration: machine.logging
      ? (JSON.parse(machine.logging) as unknown)
      : { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: machine.tracing
      ? (JSON.parse(machine.tracing) as unknown)
      : { enabled: false },
    revisionId: machine.revision,
    ...(machine.description === null ? {} : { description: machine.description }),
  };
}

function versionOfAlias(
  { machines }: StatesContext,
  name: string,
  alias: string,
): number | undefined {
  const route = machines.alias(name, alias)?.routes[0];
  return route && Number(machineReference(route.stateMachineVersionArn).qualifier);
}
