import { notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider, ResourceRequest } from '#local/kernel/service.ts';
import { takeMembers, takeProperties } from '#local/template/take-properties.ts';
import type { CodeFolders } from '../code-folder.ts';
import { functionArn } from '../function-name.ts';
import { checkSettings, invalidValue, type FunctionSettings } from '../function-settings.ts';
import type { FunctionStore } from '../function-store.ts';
import type { ProcessFleet } from '../runtime/process-fleet.ts';

const PROPERTIES = {
  served: [
    'Code',
    'Description',
    'Environment',
    'FunctionName',
    'Handler',
    'LoggingConfig',
    'MemorySize',
    'PackageType',
    'ReservedConcurrentExecutions',
    'Role',
    'Runtime',
    'Timeout',
    'Architectures',
  ],
  inert: [
    'EphemeralStorage',
    'KmsKeyArn',
    'RecursiveLoop',
    'RuntimeManagementConfig',
    'Tags',
    'TracingConfig',
    'VpcConfig',
  ],
};

/** `AWS::Lambda::Function`: new code or settings take effect for the next event. */
export function functionResource(parts: {
  store: FunctionStore;
  code: CodeFolders;
  fleet: ProcessFleet;
}): ResourceProvider {
  const { store, code, fleet } = parts;
  return {
    type: 'AWS::Lambda::Function',
    upsert(resource, cloud) {
      const properties = takeProperties(resource, PROPERTIES);
      const name = (properties.FunctionName as string | undefined) ?? resource.defaultName;
      const settings = checkSettings(settingsOf(name, properties, resource));
      const kept = code.keep(assetPath(resource));
      store.put(name, {
        settings,
        code: kept.sha256,
        bytes: kept.bytes,
        reserved: reservedOf(properties),
      });
      fleet.retireOlder(store.get(name).latest);
      return { ref: name, attributes: { Arn: functionArn(cloud, { name }) } };
    },
    remove(ref) {
      for (const { version } of store.versions(ref)) fleet.retire(ref, version);
      store.removeFunction(ref);
    },
  };
}

function settingsOf(
  name: string,
  properties: Readonly<Record<string, unknown>>,
  resource: ResourceRequest,
): FunctionSettings {
  const { Runtime, Handler, Role, Architectures, PackageType = 'Zip' } = properties;
  if (PackageType !== 'Zip')
    throw notServed(`functions of the package type ${String(PackageType)}`);
  if (typeof Runtime !== 'string' || typeof Handler !== 'string') {
    throw invalidValue(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  if (typeof Role !== 'string' || !/^arn:aws[\w-]*:iam::\d{12}:role\//.test(Role)) {
    throw invalidValue(`The role of ${resource.logicalId} is not the ARN of a role.`);
  }
  const where = `${resource.type} ${resource.logicalId}`;
  const environment = takeMembers(`${where}: Environment`, objectOf(properties.Environment), {
    served: ['Variables'],
  });
  const logging = takeMembers(`${where}: LoggingConfig`, objectOf(properties.LoggingConfig), {
    served: ['LogGroup'],
    inert: ['LogFormat', 'ApplicationLogLevel', 'SystemLogLevel'],
  });
  return {
    handler: Handler,
    runtime: Runtime,
    role: Role,
    description: (properties.Description as string | undefined) ?? '',
    memoryMb: Number(properties.MemorySize ?? 128),
    timeoutSeconds: Number(properties.Timeout ?? 3),
    environment: stringsOf(objectOf(environment.Variables)),
    architecture: (Architectures as string[] | undefined)?.[0] ?? 'x86_64',
    logGroup: (logging.LogGroup as string | undefined) ?? `/aws/lambda/${name}`,
  };
}

function assetPath(resource: ResourceRequest): string {
  const where = `${resource.type} ${resource.logicalId}: Code`;
  const { S3Key } = takeMembers(where, objectOf(resource.properties.Code), {
    served: ['S3Key'],
    inert: ['S3Bucket'],
  });
  if (typeof S3Key !== 'string') throw notServed('function code that is not an asset in S3');
  return resource.assetPath(S3Key);
}

function reservedOf(properties: Readonly<Record<string, unknown>>): number | undefined {
  const reserved = properties.ReservedConcurrentExecutions;
  return reserved === undefined ? undefined : Number(reserved);
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  (value ?? {}) as Readonly<Record<string, unknown>>;

/** Templates may hold numbers and booleans where a variable is meant. */
const stringsOf = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
