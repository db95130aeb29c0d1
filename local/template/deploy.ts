import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { ResourceProvider, ResourceRequest, ResourceResult } from '#local/kernel/service.ts';
import type { Assembly, Stack, TemplateResource } from './assembly.ts';
import { isTrue, NO_VALUE, references, resolve, type Scope } from './intrinsics.ts';
import { Ledger } from './ledger.ts';
import { inertService, refusalOf } from './resource-types.ts';
import { inertProperties } from './take-properties.ts';

/** What a deployment made. */
export interface Deployment {
  /** Outputs of all stacks by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What is accepted without effect: resources as `Type Stack/LogicalId`, properties as `Type.Property`. */
  readonly inert: readonly string[];
  readonly resources: number;
}

interface Made extends ResourceResult {
  readonly type: string;
  readonly inert: boolean;
  /** Properties without effect. */
  readonly inertProperties: readonly string[];
}

interface Parts {
  readonly cloud: Cloud;
  readonly assembly: Assembly;
  readonly parameters: Readonly<Record<string, string>>;
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  readonly exports: Map<string, unknown>;
  readonly ledger: Ledger;
}

/**
 * Makes the resources of a cloud assembly, or brings them up to date; removes those that an earlier
 * deployment made and this one has not, unless their deletion policy keeps them.
 *
 * @throws AwsError `NotServedLocally` naming every type that is neither served nor known as inert
 */
export async function deploy(
  cloud: Cloud,
  assembly: Assembly,
  parameters: Readonly<Record<string, string>>,
): Promise<Deployment> {
  const parts: Parts = {
    cloud,
    assembly,
    parameters,
    providers: cloud.providers(),
    exports: new Map(),
    ledger: new Ledger(cloud),
  };
  refuseUnknownTypes(parts);
  refuseUnknownParameters(parts);
  const made = new Map<string, Made>();
  const outputs: Record<string, string> = {};
  for (const stack of assembly.stacks) {
    const inStack = new Map<string, Made>();
    const scope = scopeOf(parts, stack, inStack);
    for (const logicalId of inOrder(stack)) {
      const resource = stack.template.Resources[logicalId];
      if (!resource || (resource.Condition && !isTrue(resource.Condition, scope))) continue;
      const result = await make(parts, stack, logicalId, resource, scope);
      inStack.set(logicalId, result);
      made.set(`${stack.name}/${logicalId}`, result);
    }
    Object.assign(outputs, readOutputs(parts, stack, scope));
  }
  await removeOthers(parts, made);
  const inert = [...made].filter(([, { inert }]) => inert).map(([id, { type }]) => `${type} ${id}`);
  const properties = [...made.values()].flatMap(({ type, inertProperties }) =>
    inertProperties.map((name) => `${type}.${name}`),
  );
  return { outputs, inert: [...inert, ...new Set(properties)], resources: made.size };
}

function refuseUnknownTypes({ assembly, providers }: Parts): void {
  const served = new Set(providers.keys());
  const refused = assembly.stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources).flatMap(([id, { Type }]) => {
      const why = refusalOf(Type, served);
      return why === undefined ? [] : [`${Type} (${name}/${id}: ${why})`];
    }),
  );
  if (refused.length > 0) {
    throw new AwsError(
      'NotServedLocally',
      `The local cloud does not serve ${refused.join(', ')}.`,
      501,
    );
  }
}

function refuseUnknownParameters({ assembly, parameters }: Parts): void {
  const known = new Set(
    assembly.stacks.flatMap(({ template }) => Object.keys(template.Parameters ?? {})),
  );
  const unknown = Object.keys(parameters).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`no stack has the parameter ${unknown.join(', ')}`);
}

/** Logical ids so that each comes after what it refers to. */
function inOrder({ name, template }: Stack): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): void => {
    const resource = template.Resources[id];
    if (!resource || state.get(id) === 'done') return;
    if (state.get(id) === 'open')
      throw new Error(`the stack ${name} refers to itself in a circle at ${id}`);
    state.set(id, 'open');
    const { DependsOn = [], Properties } = resource;
    for (const other of [...[DependsOn].flat(), ...references(Properties)]) {
      visit(String(other));
    }
    state.set(id, 'done');
    order.push(id);
  };
  Object.keys(template.Resources).forEach(visit);
  return order;
}

function scopeOf(
  { cloud, parameters, exports }: Parts,
  stack: Stack,
  made: ReadonlyMap<string, Made>,
): Scope {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': cloud.account,
    'AWS::Region': cloud.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::StackId': cloud.arn('cloudformation', `stack/${stack.name}/00000000`),
    'AWS::NoValue': NO_VALUE,
  };
  return {
    template: stack.template,
    region: cloud.region,
    ref(name) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      const parameter = stack.template.Parameters?.[name];
      if (parameter) return parameterValue(stack.name, name, parameter, parameters[name]);
      const resource = made.get(name);
      if (!resource)
        throw new Error(`the stack ${stack.name} refers to ${name}, which is not there`);
      return resource.ref;
    },
    getAtt(logicalId, attribute) {
      const resource = made.get(logicalId);
      const value = resource?.attributes[attribute];
      if (value !== undefined) return value;
      if (resource?.inert) return inertAttribute(cloud, resource, attribute);
      throw new Error(`the stack ${stack.name}: ${logicalId} has no attribute ${attribute}`);
    },
    importValue(name) {
      if (!exports.has(name)) throw new Error(`no stack exports ${name}`);
      return exports.get(name);
    },
  };
}

/** @throws Error for a parameter without a value, or one that AWS would look up */
function parameterValue(
  stackName: string,
  name: string,
  { Type: type, Default: otherwise }: { readonly Type: string; readonly Default?: unknown },
  given: string | undefined,
): unknown {
  if (type.startsWith('AWS::SSM::')) {
    throw new Error(`the stack ${stackName}: parameters of the type ${type} are not served`);
  }
  const value = given ?? otherwise;
  if (value === undefined) throw new Error(`the stack ${stackName} needs the parameter ${name}`);
  return type.startsWith('List<') || type === 'CommaDelimitedList'
    ? String(value as string)
        .split(',')
        .map((item) => item.trim())
    : value;
}

/** A plausible attribute of a resource that is not simulated: an ARN where one is asked for. */
function inertAttribute(cloud: Cloud, { type, ref }: Made, attribute: string): string {
  if (!attribute.endsWith('Arn')) return `${ref}-${attribute}`;
  return cloud.arn(inertService(type), ref);
}

async function make(
  { cloud, assembly, providers, ledger }: Parts,
  stack: Stack,
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
): Promise<Made> {
  const { Type: type } = resource;
  const provider = providers.get(type);
  const defaultName = `${stack.name}-${logicalId}`;
  if (!provider) {
    return { ref: defaultName, attributes: {}, type, inert: true, inertProperties: [] };
  }
  const request: ResourceRequest = {
    logicalId,
    type,
    properties: resolve(resource.Properties ?? {}, scope) as Record<string, unknown>,
    defaultName,
    assemblyFolder: assembly.folder,
    assetPath: (key) => {
      const path = assembly.files.get(key);
      if (path === undefined) throw new Error(`the assembly has no asset ${key}`);
      return path;
    },
    imageFolder: (uri) => assembly.images.get(uri.split(':').at(-1) ?? ''),
  };
  const result = await provider.upsert(request, cloud);
  ledger.record(`${stack.name}/${logicalId}`, resource, result.ref);
  return { ...result, type, inert: false, inertProperties: inertProperties(request) };
}

function readOutputs({ exports }: Parts, stack: Stack, scope: Scope): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (output.Condition && !isTrue(output.Condition, scope)) continue;
    const value = resolve(output.Value, scope);
    outputs[name] = String(value);
    if (output.Export) exports.set(String(resolve(output.Export.Name, scope)), value);
  }
  return outputs;
}

/** Removes what an earlier load made and this one has not, dependents before what they need. */
async function removeOthers(
  { cloud, providers, ledger }: Parts,
  made: ReadonlyMap<string, Made>,
): Promise<void> {
  const refs = new Set([...made.values()].map(({ type, ref }) => `${type} ${ref}`));
  for (const { id, type, ref, kept } of ledger.leftovers(new Set(made.keys()))) {
    // A resource that was renamed in the template only, such as to another logical id, is still wanted.
    if (!kept && !refs.has(`${type} ${ref}`)) await providers.get(type)?.remove?.(ref, cloud);
    ledger.forget(id);
  }
}
