import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  type AttributeValue,
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
  await makeTable(cloud.cloud, {
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  });
});
afterAll(() => cloud.close());

const key = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const put = (sk: string, more: Record<string, AttributeValue> = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...key(sk), ...more } }));
const get = async (sk: string) =>
  (await client.send(new GetItemCommand({ TableName, Key: key(sk) }))).Item;
describe('items', () => {
  it('gives back every type of value as it was put, numbers normalised', async () => {
    const item = {
      text: { S: 'héllo' },
      empty: { S: '' },
      bytes: { B: Uint8Array.of(0, 255) },
      yes: { BOOL: true },
      nothing: { NULL: true },
      map: { M: { a: { L: [{ N: '1' }, { S: 'x' }] } } },
      strings: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '2.5'] },
    };
    await put('types', { ...item, number: { N: '001.500e2' } });
    const stored = await get('types');
    expect(stored).toMatchObject({ ...item, number: { N: '150' } });
  });

  it('answers no item for a key that is not there', async () => {
    expect(await get('absent')).toBeUndefined();
  });

  it('returns the old item of a put and of a delete when asked', async () => {
    await put('old', { v: { N: '1' } });
    const replaced = await client.send(
      new PutItemCommand({ TableName, Item: key('old'), ReturnValues: 'ALL_OLD' }),
    );
    expect(replaced.Attributes).toMatchObject({ v: { N: '1' } });
    const deleted = await client.send(
      new DeleteItemCommand({ TableName, Key: key('old'), ReturnValues: 'ALL_OLD' }),
    );
    expect(deleted.Attributes).toEqual(key('old'));
    expect(await get('old')).toBeUndefined();
  });

  it('refuses a put whose condition fails and shows the item when asked', async () => {
    await put('taken', { owner: { S: 'ann' } });
    const again = client.send(
      new PutItemCommand({
        TableName,
        Item: key('taken'),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    await expect(again).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: { owner: { S: 'ann' } },
    });
    expect(await get('taken')).toMatchObject({ owner: { S: 'ann' } });
  });

  it.each([
    [
      'missing key',
      { pk: { S: 'p' } },
      'One or more parameter values were invalid: Missing the key sk in the item',
    ],
    [
      'wrong key type',
      { pk: { S: 'p' }, sk: { N: '1' } },
      'One or more parameter values were invalid: Type mismatch for key sk expected: S actual: N',
    ],
    [
      'empty key',
      { pk: { S: '' }, sk: { S: 'x' } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    ],
    [
      '39 digits',
      { ...key('n'), n: { N: '1'.repeat(39) } },
      'Attempting to store more than 38 significant digits in a Number',
    ],
    [
      'too large a number',
      { ...key('n'), n: { N: '1e126' } },
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    ],
    [
      'no number',
      { ...key('n'), n: { N: 'ten' } },
      'The parameter cannot be converted to a numeric value: ten',
    ],
    [
      'empty set',
      { ...key('n'), n: { SS: [] } },
      'One or more parameter values were invalid: An string set  may not be empty',
    ],
    [
      'repeated element',
      { ...key('n'), n: { NS: ['1', '1.0'] } },
      'One or more parameter values were invalid: Input collection [1, 1] contains duplicates.',
    ],
    [
      '400 KB',
      { ...key('n'), n: { S: 'x'.repeat(409_600) } },
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'long sort key',
      { pk: { S: 'p' }, sk: { S: 'x'.repeat(1025) } },
      'One or more parameter values were invalid: Size of rangekey has exceeded the maximum size limit of1024 bytes',
    ],
  ])('refuses an item with %s', async (_name, Item, message) => {
    await expect(client.send(new PutItemCommand({ TableName, Item }))).rejects.toMatchObject({
      name: 'ValidationException',
      message,
    });
  });

  it('refuses a table that is not there', async () => {
    await expect(
      client.send(new GetItemCommand({ TableName: 'nowhere', Key: key('x') })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
  });

  it('counts capacity in units of 1 KB written and 4 KB read', async () => {
    const written = await client.send(
      new PutItemCommand({
        TableName,
        Item: { ...key('units'), v: { S: 'x'.repeat(4500) } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    expect(written.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 5 });
    const read = await client.send(
      new GetItemCommand({ TableName, Key: key('units'), ReturnConsumedCapacity: 'INDEXES' }),
    );
    expect(read.ConsumedCapacity).toEqual({
      TableName,
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    });
  });

  it('projects nested paths', async () => {
    await put('nested', {
      a: {
        M: { b: { L: [{ S: 'zero' }, { S: 'one' }, { M: { c: { N: '3' } } }] }, x: { S: 'no' } },
      },
      name: { S: 'n' },
    });
    const { Item } = await client.send(
      new GetItemCommand({
        TableName,
        Key: key('nested'),
        ProjectionExpression: 'a.b[0], a.b[2].c, #n, a.absent',
        ExpressionAttributeNames: { '#n': 'name' },
      }),
    );
    expect(Item).toEqual({
      a: { M: { b: { L: [{ S: 'zero' }, { M: { c: { N: '3' } } }] } } },
      name: { S: 'n' },
    });
  });
});

describe('tables', () => {
  it('describes and lists them', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableName,
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/things',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    });
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([TableName]);
    expect(
      (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription,
    ).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  });

  it('refuses streams, local indexes and other regions by name', async () => {
    const refused = (properties: object, type?: string) =>
      expect(makeTable(cloud.cloud, { TableName: 'other', ...properties }, type)).rejects;
    await refused({ StreamSpecification: {} }).toThrow('the property StreamSpecification');
    await refused({ LocalSecondaryIndexes: [] }).toThrow('the property LocalSecondaryIndexes');
    await refused({ Replicas: [{ Region: 'eu-west-1' }] }, 'AWS::DynamoDB::GlobalTable').toThrow(
      'a table replica in eu-west-1',
    );
  });
});
