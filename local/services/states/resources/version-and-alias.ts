import { AwsError } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { machineArn, machineReference } from '../arn.ts';
import type { Route } from '../machine-store.ts';
import { invalidRequest, type StatesContext } from '../states-context.ts';

/**
 * AWS::StepFunctions::StateMachineVersion. Each new revision of the state machine gets the next
 * number; earlier numbers stay, so that an alias or a caller may still name them.
 */
export const versionResource = (states: StatesContext): ResourceProvider => ({
  type: 'AWS::StepFunctions::StateMachineVersion',
  upsert(resource, cloud) {
    const properties = takeProperties(resource, {
      served: ['StateMachineArn', 'StateMachineRevisionId', 'Description'],
    });
    const { name } = machineReference(properties['StateMachineArn']);
    const wanted = properties['StateMachineRevisionId'];
    const machine = states.machines.get({ name });
    if (wanted !== undefined && wanted !== machine.revision) {
      throw new AwsError(
        'ConflictException',
        `The revision ${JSON.stringify(wanted)} of ${name} is not the latest one.`,
        409,
      );
    }
    const { number } = states.machines.publish(
      name,
      properties['Description'] as string | undefined,
    );
    const arn = machineArn(cloud, name, number);
    return { ref: arn, attributes: { Arn: arn } };
  },
  remove(ref) {
    const { name, qualifier } = machineReference(ref);
    states.machines.removeVersion(name, Number(qualifier));
  },
});

/** AWS::StepFunctions::StateMachineAlias with RoutingConfiguration, or a DeploymentPreference's version at once. */
export const aliasResource = (states: StatesContext): ResourceProvider => ({
  type: 'AWS::StepFunctions::StateMachineAlias',
  upsert(resource, cloud) {
    const properties = takeProperties(resource, {
      served: ['Name', 'Description', 'RoutingConfiguration', 'DeploymentPreference'],
    });
    const routes = routesOf(properties);
    const { name: machine } = machineReference(routes[0]?.stateMachineVersionArn);
    const name = (properties['Name'] as string | undefined) ?? resource.defaultName;
    for (const { stateMachineVersionArn } of routes) {
      const { name: of, qualifier } = machineReference(stateMachineVersionArn);
      if (of === machine && states.machines.version(of, Number(qualifier))) continue;
      throw new AwsError('ResourceNotFound', `There is no version ${stateMachineVersionArn}.`);
    }
    const description = properties['Description'] as string | undefined;
    states.machines.declareAlias({
      machine,
      name,
      routes,
      ...(description === undefined ? {} : { description }),
    });
    const arn = machineArn(cloud, machine, name);
    return { ref: arn, attributes: { Arn: arn } };
  },
  remove(ref) {
    const { name, qualifier = '' } = machineReference(ref);
    states.machines.removeAlias(name, qualifier);
  },
});

function routesOf(properties: Readonly<Record<string, unknown>>): Route[] {
  const preference = properties['DeploymentPreference'] as
    { StateMachineVersionArn: string } | undefined;
  if (preference)
    return [{ stateMachineVersionArn: preference.StateMachineVersionArn, weight: 100 }];
  const given = (properties['RoutingConfiguration'] ?? []) as {
    StateMachineVersionArn: string;
    Weight: number;
  }[];
  const routes = given.map((route) => ({
    stateMachineVersionArn: route.StateMachineVersionArn,
    weight: Number(route.Weight),
  }));
  const sum = routes.reduce((total, { weight }) => total + weight, 0);
  if (routes.length < 1 || routes.length > 2 || sum !== 100) {
    throw invalidRequest(
      'An alias routes to one or two versions, and the sum of their weights is 100.',
    );
  }
  return routes;
}
