import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { dynamodbService } from '#local/services/dynamodb/dynamodb.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeTable } from '#tests/support/dynamodb-tables.ts';

let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: DynamoDBClient;
const TableName = 'things';

beforeAll(async () => {
  cloud = await bareCloud((c) => [dynamodbService(c)]);
  client = new DynamoDBClient(cloud.client);
  await makeTable(cloud.cloud);
});
afterAll(() => cloud.close());

const key = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  client.send(
    new TransactWriteItemsCommand({
      TransactItems,
      ClientRequestToken,
      ReturnConsumedCapacity: 'TOTAL',
    }),
  );
const get = async (sk: string) =>
  (await client.send(new GetItemCommand({ TableName, Key: key(sk) }))).Item;
const count = (sk: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: key(sk),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});
const absent = {
  TableName,
  ConditionExpression: 'attribute_not_exists(pk)',
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
};

it('writes all or nothing and tells the reason of every element', async () => {
  await transact([{ Put: { TableName, Item: { ...key('there'), v: { S: 'old' } } } }]);
  const failure = await transact([
    { Put: { TableName, Item: key('new') } },
    { ConditionCheck: { ...absent, Key: key('there') } },
    { Update: { TableName, Key: key('other'), UpdateExpression: 'SET a = b' } },
    { Delete: { TableName, Key: key('gone') } },
  ]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransactionCanceledException);
  expect(failure).toMatchObject({
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
      '[None, ConditionalCheckFailed, ValidationError, None]',
    CancellationReasons: [
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { ...key('there'), v: { S: 'old' } },
      },
      {
        Code: 'ValidationError',
        Message: 'The provided expression refers to an attribute that does not exist in the item',
      },
      { Code: 'None' },
    ],
  });
  expect(await get('new')).toBeUndefined();
});

it('carries a repeated token out once and refuses it for another transaction', async () => {
  const first = await transact([count('once')], 'token-1');
  const again = await transact([count('once')], 'token-1');
  expect(await get('once')).toMatchObject({ n: { N: '1' } });
  expect(first.ConsumedCapacity?.[0]).toMatchObject({ CapacityUnits: 2, WriteCapacityUnits: 2 });
  expect(again.ConsumedCapacity?.[0]).toMatchObject({ CapacityUnits: 2, ReadCapacityUnits: 2 });
  await expect(transact([count('twice')], 'token-1')).rejects.toMatchObject({
    name: 'IdempotentParameterMismatchException',
  });
});

it('forgets a token after ten minutes', async () => {
  await transact([count('later')], 'token-2');
  cloud.cloud.database.run('UPDATE dynamodb_tokens SET at = at - 600001');
  await transact([count('later')], 'token-2');
  expect(await get('later')).toMatchObject({ n: { N: '2' } });
});

it('refuses two elements on one item, an unknown table and more than 100 elements', async () => {
  await expect(transact([count('x'), count('x')])).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Transaction request cannot include multiple operations on one item',
  });
  await expect(transact([{ Put: { TableName: 'nowhere', Item: key('x') } }])).rejects.toMatchObject(
    {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    },
  );
  await expect(
    transact(Array.from({ length: 101 }, (_, at) => count(`many-${at}`))),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

it('reads several items at one moment', async () => {
  await transact([{ Put: { TableName, Item: { ...key('r'), a: { N: '1' }, b: { N: '2' } } } }]);
  const { Responses } = await client.send(
    new TransactGetItemsCommand({
      TransactItems: [
        { Get: { TableName, Key: key('r'), ProjectionExpression: 'b' } },
        { Get: { TableName, Key: key('none') } },
      ],
    }),
  );
  expect(Responses).toEqual([{ Item: { b: { N: '2' } } }, {}]);
});

it('writes and reads in batches', async () => {
  const written = await client.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [
          { PutRequest: { Item: { ...key('b1'), v: { N: '1' } } } },
          { PutRequest: { Item: key('b2') } },
          { DeleteRequest: { Key: key('b3') } },
        ],
      },
    }),
  );
  expect(written.UnprocessedItems).toEqual({});
  const read = await client.send(
    new BatchGetItemCommand({
      RequestItems: { [TableName]: { Keys: [key('b1'), key('b2'), key('b3')] } },
    }),
  );
  expect(read.Responses?.[TableName]).toHaveLength(2);
  expect(read.UnprocessedKeys).toEqual({});
});

it('refuses repeated keys in a batch and more than 25 writes', async () => {
  const putTwice = { PutRequest: { Item: key('d') } };
  await expect(
    client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [putTwice, putTwice] } })),
  ).rejects.toThrow('Provided list of item keys contains duplicates');
  const many = Array.from({ length: 26 }, (_, at) => ({ PutRequest: { Item: key(`m${at}`) } }));
  await expect(
    client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: many } })),
  ).rejects.toThrow('Member must have length less than or equal to 25');
});
