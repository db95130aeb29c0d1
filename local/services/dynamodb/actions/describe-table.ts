import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { tableNeed } from '../access.ts';
import type { Parts } from '../parts.ts';
import { keyAttributes, type KeySchema } from '../table/table-definition.ts';
import type { Table } from '../table/tables.ts';

interface Input {
  readonly TableName: string;
}

export const describeTable = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize: (input) => [tableNeed(parts.tables, 'DescribeTable', input.TableName)],
  run: (input) => ({ Table: describe(requireNamed(parts, input.TableName), parts) }),
});

export const describeTimeToLive = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize: (input) => [tableNeed(parts.tables, 'DescribeTimeToLive', input.TableName)],
  run(input) {
    const { ttlAttribute } = requireNamed(parts, input.TableName);
    return {
      TimeToLiveDescription: ttlAttribute
        ? { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute }
        : { TimeToLiveStatus: 'DISABLED' },
    };
  },
});

/** Control-plane actions name the table that they miss. */
function requireNamed(parts: Parts, name: string): Table {
  const table = parts.tables.find(name);
  if (!table) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Requested resource not found: Table: ${name} not found`,
    );
  }
  return table;
}

function describe(table: Table, parts: Parts): object {
  const { count, bytes } = parts.store.totals(table);
  const attributes = new Map(
    [table, ...table.indexes].flatMap(keyAttributes).map(({ name, type }) => [name, type]),
  );
  return {
    TableName: table.name,
    TableId: table.uuid,
    TableArn: table.arn,
    TableStatus: 'ACTIVE',
    CreationDateTime: table.createdAt / 1000,
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: schema(table),
    ItemCount: count,
    TableSizeBytes: bytes,
    DeletionProtectionEnabled: table.deletionProtection,
    ProvisionedThroughput: NO_THROUGHPUT,
    ...(table.onDemand && { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } }),
    ...(table.indexes.length > 0 && {
      GlobalSecondaryIndexes: table.indexes.map((index) => ({
        IndexName: index.name,
        IndexArn: `${table.arn}/index/${index.name}`,
        IndexStatus: 'ACTIVE',
        KeySchema: schema(index),
        Projection: {
          ProjectionType: index.projection,
          ...(index.projection === 'INCLUDE' && { NonKeyAttributes: index.included }),
        },
        ProvisionedThroughput: NO_THROUGHPUT,
      })),
    }),
  };
}

const NO_THROUGHPUT = { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

const schema = ({ partition, sort }: KeySchema): object[] => [
  { AttributeName: partition.name, KeyType: 'HASH' },
  ...(sort ? [{ AttributeName: sort.name, KeyType: 'RANGE' }] : []),
];
