import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import type { Json } from '#local/workflow/json.ts';
import { targetOf } from '#local/workflow/task.ts';
import { diagnose } from '#local/workflow/validation/diagnose.ts';
import { refusals } from '#local/workflow/validation/refusals.ts';
import { tasksOf } from '#local/workflow/validation/tasks-of.ts';
import { machineArn, machineReference } from '../arn.ts';
import { findIntegration } from '../integrations/find.ts';
import type { StatesContext } from '../states-context.ts';

/** AWS::StepFunctions::StateMachine, STANDARD only. `Ref` is its ARN. */
export const stateMachineResource = (states: StatesContext): ResourceProvider => ({
  type: 'AWS::StepFunctions::StateMachine',
  upsert(resource, cloud) {
    const properties = takeProperties(resource, {
      served: [
        'StateMachineName',
        'DefinitionString',
        'Definition',
        'DefinitionSubstitutions',
        'RoleArn',
        'StateMachineType',
        'LoggingConfiguration',
        'TracingConfiguration',
      ],
      inert: ['Tags', 'EncryptionConfiguration'],
    });
    if ((properties['StateMachineType'] ?? 'STANDARD') !== 'STANDARD') {
      throw notServed(`EXPRESS state machines (${resource.logicalId})`);
    }
    const name = (properties['StateMachineName'] as string | undefined) ?? resource.defaultName;
    const definition = substituted(
      definitionText(properties),
      (properties['DefinitionSubstitutions'] ?? {}) as Record<string, string>,
    );
    check(definition);
    const machine = states.machines.declare({
      name,
      definition,
      roleArn: properties['RoleArn'] as string,
      ...jsonOf('logging', properties['LoggingConfiguration']),
      ...jsonOf('tracing', properties['TracingConfiguration']),
    });
    const arn = machineArn(cloud, name);
    return {
      ref: arn,
      attributes: { Arn: arn, Name: name, StateMachineRevisionId: machine.revision },
    };
  },
  remove: (ref) => states.machines.remove(machineReference(ref).name),
});

function definitionText(properties: Readonly<Record<string, unknown>>): string {
  const { DefinitionString, Definition } = properties;
  if (typeof DefinitionString === 'string') return DefinitionString;
  if (Definition !== undefined) return JSON.stringify(Definition);
  throw new AwsError('InvalidDefinition', 'A state machine needs DefinitionString or Definition.');
}

/** `${Name}` replaced as CloudFormation does it; the values stay inside their JSON strings. */
function substituted(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : JSON.stringify(String(value)).slice(1, -1);
  });
}

function check(definition: string): void {
  const problem = diagnose(definition, { type: 'STANDARD' })[0];
  if (problem) {
    const { code, message, location } = problem;
    throw new AwsError(
      'InvalidDefinition',
      `Invalid State Machine Definition: '${code}: ${message} at ${location}'`,
    );
  }
  const parsed = JSON.parse(definition) as Json;
  const refused = [...refusals(parsed), ...unservedIntegrations(parsed)];
  if (refused.length > 0) throw notServed(refused.join(', '));
}

function unservedIntegrations(definition: Json): string[] {
  return tasksOf(definition).flatMap((arn) => {
    const { resourceType, resource } = targetOf(arn);
    if (resourceType === undefined) return arn.includes(':function:') ? [] : [`tasks of ${arn}`];
    return findIntegration(resourceType, resource) ? [] : [`the integration ${arn}`];
  });
}

function jsonOf(
  name: 'logging' | 'tracing',
  value: unknown,
): Partial<Record<'logging' | 'tracing', string>> {
  if (value === undefined) return {};
  return { [name]: JSON.stringify(smallFirst(value)) };
}

/** CloudFormation writes the members of these with a large first letter, the API with a small one. */
function smallFirst(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(smallFirst);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      smallFirst(member),
    ]),
  );
}
