import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  DynamoDBClient,
  QueryCommand,
  type AttributeValue,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { dynamodbService } from '#local/services/dynamodb/dynamodb.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeTable } from '#tests/support/dynamodb-tables.ts';

let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: DynamoDBClient;
const TableName = 'events';

beforeAll(async () => {
  cloud = await bareCloud((c) => [dynamodbService(c)]);
  client = new DynamoDBClient(cloud.client);
  await makeTable(cloud.cloud, {
    TableName,
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'state', AttributeType: 'S' },
      { AttributeName: 'due', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-state',
        KeySchema: [
          { AttributeName: 'state', KeyType: 'HASH' },
          { AttributeName: 'due', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['kept'] },
      },
      {
        IndexName: 'all',
        KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});
afterAll(() => cloud.close());

const query = (
  KeyConditionExpression: string,
  values: Record<string, AttributeValue>,
  more: Partial<QueryCommandInput> = {},
) =>
  client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression,
      ExpressionAttributeValues: values,
      ...more,
    }),
  );

it.each<[string, string, Record<string, AttributeValue>, Partial<QueryCommandInput>, string]>([
  [
    'no partition key',
    'sk = :v',
    { ':v': { N: '1' } },
    {},
    'Query condition missed key schema element: pk',
  ],
  [
    'a range of partitions',
    'pk > :v',
    { ':v': { S: 'a' } },
    {},
    'Query key condition not supported',
  ],
  [
    'a wrong type',
    'pk = :v',
    { ':v': { N: '1' } },
    {},
    'One or more parameter values were invalid: Condition parameter type does not match schema type',
  ],
  [
    'OR',
    'pk = :v OR sk = :v',
    { ':v': { S: '1' } },
    {},
    'Invalid operator used in KeyConditionExpression: OR',
  ],
  [
    'two conditions on one key',
    'pk = :v AND pk = :v',
    { ':v': { S: '1' } },
    {},
    'KeyConditionExpressions must only contain one condition per key',
  ],
  [
    'a foreign attribute',
    'pk = :v AND x = :v',
    { ':v': { S: '1' } },
    {},
    'Query condition missed key schema element: sk',
  ],
  [
    'a key in the filter',
    'pk = :v',
    { ':v': { S: '1' } },
    { FilterExpression: 'sk = :v' },
    'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
  ],
  [
    'an unknown index',
    'pk = :v',
    { ':v': { S: '1' } },
    { IndexName: 'none' },
    'The table does not have the specified index: none',
  ],
  [
    'a consistent read of an index',
    '#s = :v',
    { ':v': { S: '1' } },
    { IndexName: 'all', ConsistentRead: true, ExpressionAttributeNames: { '#s': 'state' } },
    'Consistent reads are not supported on global secondary indexes',
  ],
  [
    'attributes that an index lacks',
    '#s = :v',
    { ':v': { S: '1' } },
    {
      IndexName: 'by-state',
      ProjectionExpression: 'no',
      ExpressionAttributeNames: { '#s': 'state' },
    },
    'Attribute name is a reserved keyword',
  ],
  [
    'a limit of 0',
    'pk = :v',
    { ':v': { S: '1' } },
    { Limit: 0 },
    "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    'a foreign start key',
    'pk = :v',
    { ':v': { S: '1' } },
    { ExclusiveStartKey: { pk: { S: '2' }, sk: { N: '1' } } },
    'The provided starting key is outside query boundaries based on provided conditions',
  ],
])('refuses %s', async (_name, condition, values, more, message) => {
  await expect(query(condition, values, more)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message),
  });
});
