import type { Action } from '#local/kernel/service.ts';
import { machineArn, machineReference, onMachine } from '../arn.ts';
import { noMachine } from '../machine-store.ts';
import { inSeconds, pageOf, type StatesContext } from '../states-context.ts';

interface Page {
  readonly maxResults?: number;
  readonly nextToken?: string;
}

interface OfMachine extends Page {
  readonly stateMachineArn?: string;
}

export const listStateMachines = (states: StatesContext): Action<Page> => ({
  reads: true,
  authorize: () => [{ action: 'states:ListStateMachines', resource: '*' }],
  run(input, { cloud }) {
    const { items, ...next } = pageOf(states.machines.list(), input);
    const stateMachines = items.map(({ name, created }) => ({
      stateMachineArn: machineArn(cloud, name),
      name,
      type: 'STANDARD',
      creationDate: inSeconds(created),
    }));
    return { stateMachines, ...next };
  },
});

/** The versions of a state machine, the newest first. */
export const listStateMachineVersions = (states: StatesContext): Action<OfMachine> => ({
  reads: true,
  authorize: ({ stateMachineArn }, { cloud }) =>
    onMachine(cloud, 'ListStateMachineVersions', stateMachineArn),
  run(input, { cloud }) {
    const { name } = states.machines.get(machineReference(input.stateMachineArn));
    const { items, ...next } = pageOf(states.machines.versions(name), input);
    const stateMachineVersions = items.map(({ number, created }) => ({
      stateMachineVersionArn: machineArn(cloud, name, number),
      creationDate: inSeconds(created),
    }));
    return { stateMachineVersions, ...next };
  },
});

export const listStateMachineAliases = (states: StatesContext): Action<OfMachine> => ({
  reads: true,
  authorize: ({ stateMachineArn }, { cloud }) =>
    onMachine(cloud, 'ListStateMachineAliases', stateMachineArn),
  run(input, { cloud }) {
    const { name } = states.machines.get(machineReference(input.stateMachineArn));
    const { items, ...next } = pageOf(states.machines.aliases(name), input);
    const stateMachineAliases = items.map((alias) => ({
      stateMachineAliasArn: machineArn(cloud, name, alias.name),
      creationDate: inSeconds(alias.created),
    }));
    return { stateMachineAliases, ...next };
  },
});

export const describeStateMachineAlias = (
  states: StatesContext,
): Action<{ readonly stateMachineAliasArn?: string }> => ({
  reads: true,
  authorize: ({ stateMachineAliasArn }, { cloud }) =>
    onMachine(cloud, 'DescribeStateMachineAlias', stateMachineAliasArn),
  run({ stateMachineAliasArn }, { cloud }) {
    const { name, qualifier = '' } = machineReference(stateMachineAliasArn);
    const alias = states.machines.alias(name, qualifier);
    if (!alias) throw noMachine(machineArn(cloud, name, qualifier));
    return {
      stateMachineAliasArn: machineArn(cloud, name, qualifier),
      name: qualifier,
      ...(alias.description === null ? {} : { description: alias.description }),
      routingConfiguration: alias.routes,
      creationDate: inSeconds(alias.created),
      updateDate: inSeconds(alias.updated),
    };
  },
});
