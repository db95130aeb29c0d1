import type { Cloud } from '#local/kernel/cloud.ts';
import { notServed } from '#local/kernel/aws-error.ts';
import type { ResourceRequest } from '#local/kernel/service.ts';
import { invalidValues } from '../validation.ts';

export type KeyType = 'S' | 'N' | 'B';

/** An attribute of a key with its declared type. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

/** A global secondary index. */
export interface IndexDefinition extends KeySchema {
  readonly name: string;
  readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  /** Non-key attributes of an `INCLUDE` projection. */
  readonly included: readonly string[];
}

/** What the template says of a table. */
export interface TableDefinition extends KeySchema {
  readonly name: string;
  readonly indexes: readonly IndexDefinition[];
  /** The attribute that holds the expiry time, when TTL is on. */
  readonly ttlAttribute?: string;
  readonly onDemand: boolean;
  readonly deletionProtection: boolean;
}

interface Properties {
  readonly TableName?: string;
  readonly KeySchema?: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
  readonly AttributeDefinitions?: readonly { AttributeName: string; AttributeType: KeyType }[];
  readonly GlobalSecondaryIndexes?: readonly {
    IndexName: string;
    KeySchema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
    Projection: { ProjectionType?: string; NonKeyAttributes?: readonly string[] };
  }[];
  readonly TimeToLiveSpecification?: { AttributeName?: string; Enabled: boolean | string };
  readonly BillingMode?: string;
  readonly DeletionProtectionEnabled?: boolean;
  readonly Replicas?: readonly Readonly<Record<string, unknown>>[];
}

/** Properties that the local cloud accepts: used, or without effect on a laptop. */
const ACCEPTED = new Set([
  ...['TableName', 'KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes'],
  ...['TimeToLiveSpecification', 'BillingMode', 'DeletionProtectionEnabled', 'Replicas'],
  ...['PointInTimeRecoverySpecification', 'SSESpecification', 'TableClass', 'Tags'],
  ...['ProvisionedThroughput', 'OnDemandThroughput', 'WarmThroughput'],
  ...['ContributorInsightsSpecification', 'WriteProvisionedThroughputSettings'],
  ...['WriteOnDemandThroughputSettings', 'ReadProvisionedThroughputSettings'],
  'ReadOnDemandThroughputSettings',
]);

/** Members of a replica that the local cloud accepts. */
const ACCEPTED_OF_REPLICA = new Set([
  ...['Region', 'DeletionProtectionEnabled', 'PointInTimeRecoverySpecification', 'TableClass'],
  ...['SSESpecification', 'ContributorInsightsSpecification', 'GlobalSecondaryIndexes', 'Tags'],
  ...['ReadProvisionedThroughputSettings', 'ReadOnDemandThroughputSettings'],
]);

/**
 * Reads the properties of an `AWS::DynamoDB::Table` or `AWS::DynamoDB::GlobalTable`.
 *
 * @throws AwsError for a property that is not served (streams, local indexes, other regions)
 */
export function readTable(resource: ResourceRequest, cloud: Cloud): TableDefinition {
  const properties = resource.properties as Properties;
  refuseUnknown(resource.type, resource.properties, ACCEPTED);
  for (const replica of properties.Replicas ?? []) {
    refuseUnknown(`${resource.type} Replicas`, replica, ACCEPTED_OF_REPLICA);
    if (replica['Region'] !== cloud.region) {
      throw notServed(`a table replica in ${String(replica['Region'])}`);
    }
  }
  const types = new Map(
    properties.AttributeDefinitions?.map((a) => [a.AttributeName, a.AttributeType]),
  );
  const ttl = properties.TimeToLiveSpecification;
  return {
    name: properties.TableName ?? resource.defaultName,
    ...readKeys(properties.KeySchema ?? [], types),
    indexes: (properties.GlobalSecondaryIndexes ?? []).map((index) => ({
      name: index.IndexName,
      ...readKeys(index.KeySchema, types),
      projection: (index.Projection.ProjectionType ?? 'ALL') as IndexDefinition['projection'],
      included: index.Projection.NonKeyAttributes ?? [],
    })),
    ttlAttribute: ttl && String(ttl.Enabled) === 'true' ? ttl.AttributeName : undefined,
    onDemand: properties.BillingMode === 'PAY_PER_REQUEST',
    deletionProtection:
      properties.DeletionProtectionEnabled === true ||
      properties.Replicas?.[0]?.['DeletionProtectionEnabled'] === true,
  };
}

/** The attributes of a key schema, the partition key first. */
export const keyAttributes = ({ partition, sort }: KeySchema): readonly KeyAttribute[] =>
  sort ? [partition, sort] : [partition];

function refuseUnknown(
  where: string,
  properties: Readonly<Record<string, unknown>>,
  accepted: ReadonlySet<string>,
): void {
  const unknown = Object.keys(properties).find((name) => !accepted.has(name));
  if (unknown) throw notServed(`the property ${unknown} of ${where}`);
}

function readKeys(
  schema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[],
  types: ReadonlyMap<string, KeyType>,
): KeySchema {
  if (schema.length > 2) throw notServed('a key of more than two attributes');
  const read = (role: 'HASH' | 'RANGE'): KeyAttribute | undefined => {
    const name = schema.find((element) => element.KeyType === role)?.AttributeName;
    if (name === undefined) return undefined;
    const type = types.get(name);
    if (!type) {
      throw invalidValues(
        'Some index key attributes are not defined in AttributeDefinitions. ' +
          `Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
      );
    }
    return { name, type };
  };
  const partition = read('HASH');
  if (!partition) throw invalidValues('No Hash Key specified in schema.');
  return { partition, sort: read('RANGE') };
}
