import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { ResourceProvider, ResourceResult } from '#local/kernel/service.ts';
import type { Assembly, Stack, TemplateResource } from './assembly.ts';
import { isTrue, NO_VALUE, references, resolve, type Scope } from './intrinsics.ts';
import { INERT_TYPES, standingOf } from './resource-types.ts';

/** What a deployment made. */
export interface Deployment {
  /** Outputs of all stacks by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Resources that are accepted without effect: `Type LogicalId`. */
  readonly inert: readonly string[];
  readonly resources: number;
}

interface Made extends ResourceResult {
  readonly type: string;
  readonly inert: boolean;
}

interface Parts {
  readonly cloud: Cloud;
  readonly assembly: Assembly;
  readonly parameters: Readonly<Record<string, string>>;
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  readonly exports: Map<string, unknown>;
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
  };
  refuseUnknownTypes(parts);
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
  return { outputs, inert, resources: made.size };
}

function refuseUnknownTypes({ assembly, providers }: Parts): void {
  const served = new Set(providers.keys());
  const refused = assembly.stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => standingOf(Type, served) === 'refused')
      .map(([id, { Type }]) => `${Type} (${name}/${id})`),
  );
  if (refused.length > 0) {
    throw new AwsError(
      'NotServedLocally',
      `The local cloud does not serve ${refused.join(', ')}.`,
      501,
    );
  }
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
      if (parameter) return parameters[name] ?? parameter.Default;
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

/** A plausible attribute of a resource that is not simulated: an ARN where one is asked for. */
function inertAttribute(cloud: Cloud, { type, ref }: Made, attribute: string): string {
  if (!attribute.endsWith('Arn')) return `${ref}-${attribute}`;
  return cloud.arn(INERT_TYPES[type] ?? 'unknown', ref);
}

async function make(
  { cloud, assembly, providers }: Parts,
  stack: Stack,
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
): Promise<Made> {
  const provider = providers.get(resource.Type);
  const defaultName = `${stack.name}-${logicalId}`;
  if (!provider) return { ref: defaultName, attributes: {}, type: resource.Type, inert: true };
  const result = await provider.upsert(
    {
      logicalId,
      type: resource.Type,
      properties: resolve(resource.Properties ?? {}, scope) as Record<string, unknown>,
      defaultName,
      assemblyFolder: assembly.folder,
      assetPath: (key) => {
        const path = assembly.files.get(key);
        if (path === undefined) throw new Error(`the assembly has no asset ${key}`);
        return path;
      },
      imageFolder: (uri) => assembly.images.get(uri.split(':').at(-1) ?? ''),
    },
    cloud,
  );
  return { ...result, type: resource.Type, inert: false };
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

async function removeOthers(
  { cloud, assembly, providers }: Parts,
  made: ReadonlyMap<string, Made>,
): Promise<void> {
  const { database } = cloud;
  database.define(`CREATE TABLE IF NOT EXISTS template_resources (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, ref TEXT NOT NULL, kept INTEGER NOT NULL)`);
  const before = database.all<{ id: string; type: string; ref: string; kept: number }>(
    'SELECT * FROM template_resources',
  );
  for (const { id, type, ref, kept } of before) {
    if (made.has(id)) continue;
    if (!kept) await providers.get(type)?.remove?.(ref, cloud);
    database.run('DELETE FROM template_resources WHERE id = ?', id);
  }
  database.transaction(() => {
    for (const { name, template } of assembly.stacks) {
      for (const [logicalId, { DeletionPolicy }] of Object.entries(template.Resources)) {
        const resource = made.get(`${name}/${logicalId}`);
        if (!resource || resource.inert) continue;
        database.run(
          'INSERT OR REPLACE INTO template_resources VALUES (?, ?, ?, ?)',
          `${name}/${logicalId}`,
          resource.type,
          resource.ref,
          DeletionPolicy?.startsWith('Retain') ? 1 : 0,
        );
      }
    }
  });
}
