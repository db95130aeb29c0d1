import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DueItem } from '#shared/ports/sweep-store.ts';
import { DUE } from './keys.ts';

const dynamo = new DynamoDBClient({});

/** Reads the index `due` over all tenants: the one thing that the sweeper's own role may read. */
export async function readDue(tableName: string, by: string, limit: number): Promise<DueItem[]> {
  const { Items = [] } = await dynamo.send(
    new QueryCommand({
      TableName: tableName,
      IndexName: 'due',
      KeyConditionExpression: 'dk = :due AND ds <= :by',
      ExpressionAttributeValues: { ':due': { S: DUE }, ':by': { S: by } },
      Limit: limit,
    }),
  );
  return Items.flatMap((item) => {
    const { pk, sk } = unmarshall(item) as { pk: string; sk: string };
    const found = dueItem(pk, sk);
    return found ? [found] : [];
  });
}

function dueItem(pk: string, sk: string): DueItem | undefined {
  const [tenant = '', kind = '', id = ''] = pk.split('#');
  switch (kind) {
    case 'task':
    case 'approval':
    case 'run':
      return { kind, tenant, id };
    case 'waiting':
      return { kind, tenant, id: sk.split('#')[1] ?? '' };
    default:
      return undefined;
  }
}
