import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { dynamodbService } from '#local/services/dynamodb/dynamodb.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeTable } from '#tests/support/dynamodb-tables.ts';

let cloud: Awaited<ReturnType<typeof bareCloud>>;
let client: DynamoDBClient;
const TableName = 'events';

/** Sort keys that an ordering by text would get wrong. */
const NUMBERS = [
  '-1e20',
  '-10',
  '-9.5',
  '-0.001',
  '0',
  '1e-100',
  '0.5',
  '2',
  '10',
  '10.01',
  '1e30',
];

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
  await client.send(
    new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: NUMBERS.toReversed().map((n) => ({
          PutRequest: { Item: { pk: { S: 'numbers' }, sk: { N: n }, size: { N: '1' } } },
        })),
      },
    }),
  );
});
afterAll(() => cloud.close());

const put = (pk: string, sk: number, more: Record<string, AttributeValue>) =>
  client.send(
    new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { N: String(sk) }, ...more } }),
  );
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
const numbers = { ':p': { S: 'numbers' } };
const sortKeys = (items: Record<string, AttributeValue>[] = []) =>
  items.map((item) => Number(item['sk']?.N));

it('orders numbers by value in both directions', async () => {
  const forward = await query('pk = :p', numbers);
  expect(sortKeys(forward.Items)).toEqual(NUMBERS.map(Number));
  const backward = await query('pk = :p', numbers, { ScanIndexForward: false });
  expect(sortKeys(backward.Items)).toEqual(NUMBERS.map(Number).toReversed());
});

it.each([
  ['sk = :v', '10.0', [10]],
  ['sk < :v', '-9.5', [-1e20, -10]],
  ['sk <= :v', '-9.5', [-1e20, -10, -9.5]],
  ['sk > :v', '10', [10.01, 1e30]],
  ['sk >= :v', '10', [10, 10.01, 1e30]],
  [':v < sk', '10', [10.01, 1e30]],
])('finds the range %s with %s', async (condition, value, expected) => {
  const { Items } = await query(`pk = :p AND ${condition}`, { ...numbers, ':v': { N: value } });
  expect(sortKeys(Items)).toEqual(expected);
});

it('finds what lies between two values, both included', async () => {
  const { Items } = await query('(pk = :p) AND (sk BETWEEN :a AND :b)', {
    ...numbers,
    ':a': { N: '0' },
    ':b': { N: '2' },
  });
  expect(sortKeys(Items)).toEqual([0, 1e-100, 0.5, 2]);
});

it('pages by limit, filter or not, in both directions', async () => {
  for (const ScanIndexForward of [true, false]) {
    const seen: number[] = [];
    let start: Record<string, AttributeValue> | undefined;
    let pages = 0;
    do {
      const page = await query(
        'pk = :p',
        { ...numbers, ':one': { N: '1' } },
        {
          Limit: 4,
          ExclusiveStartKey: start,
          ScanIndexForward,
          FilterExpression: '#s = :one',
          ExpressionAttributeNames: { '#s': 'size' },
        },
      );
      seen.push(...sortKeys(page.Items));
      start = page.LastEvaluatedKey;
      pages += 1;
    } while (start);
    expect(pages).toBe(3);
    const expected = NUMBERS.map(Number);
    expect(seen).toEqual(ScanIndexForward ? expected : expected.toReversed());
  }
});

it('ends a page after 1 MB', async () => {
  for (let at = 0; at < 5; at += 1) await put('large', at, { v: { S: 'x'.repeat(300_000) } });
  const first = await query(
    'pk = :p',
    { ':p': { S: 'large' } },
    { ReturnConsumedCapacity: 'TOTAL' },
  );
  expect(first.Count).toBe(4);
  expect(first.LastEvaluatedKey).toEqual({ pk: { S: 'large' }, sk: { N: '3' } });
  expect(first.ConsumedCapacity?.CapacityUnits).toBe(Math.ceil(1_200_040 / 4096) / 2);
});

it('counts without items', async () => {
  const answer = await query('pk = :p', numbers, { Select: 'COUNT' });
  expect(answer).toMatchObject({ Count: NUMBERS.length, ScannedCount: NUMBERS.length });
  expect(answer.Items).toBeUndefined();
});

it('keeps sparse indexes in step with their items and shows what they project', async () => {
  await put('a', 1, {
    state: { S: 'open' },
    due: { S: '2026-02' },
    kept: { N: '1' },
    no: { N: '2' },
  });
  await put('a', 2, { state: { S: 'open' }, due: { S: '2026-01' } });
  await put('a', 3, { state: { S: 'open' } });
  const open = () =>
    query(
      '#s = :s AND begins_with(due, :d)',
      { ':s': { S: 'open' }, ':d': { S: '2026' } },
      {
        IndexName: 'by-state',
        ExpressionAttributeNames: { '#s': 'state' },
      },
    );
  const before = await open();
  expect(sortKeys(before.Items)).toEqual([2, 1]);
  expect(before.Items?.[1]).toEqual({
    pk: { S: 'a' },
    sk: { N: '1' },
    state: { S: 'open' },
    due: { S: '2026-02' },
    kept: { N: '1' },
  });
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: 'a' }, sk: { N: '2' } },
      UpdateExpression: 'REMOVE due',
    }),
  );
  expect(sortKeys((await open()).Items)).toEqual([1]);
});

it('pages through items of an index that share a key', async () => {
  for (let at = 0; at < 5; at += 1) await put(`same-${at % 2}`, at, { state: { S: 'same' } });
  const seen: number[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page: Awaited<ReturnType<typeof query>> = await query(
      '#s = :s',
      { ':s': { S: 'same' } },
      {
        IndexName: 'all',
        Limit: 2,
        ExclusiveStartKey: start,
        ExpressionAttributeNames: { '#s': 'state' },
      },
    );
    seen.push(...sortKeys(page.Items));
    start = page.LastEvaluatedKey;
    if (start) expect(Object.keys(start).sort()).toEqual(['pk', 'sk', 'state']);
  } while (start);
  expect(seen.toSorted()).toEqual([0, 1, 2, 3, 4]);
});

it('scans in segments that together hold every item once', async () => {
  const whole = await client.send(new ScanCommand({ TableName, Select: 'COUNT' }));
  let count = 0;
  let start: Record<string, AttributeValue> | undefined;
  for (let Segment = 0; Segment < 3; Segment += 1) {
    do {
      const page: { Count?: number; LastEvaluatedKey?: Record<string, AttributeValue> } =
        await client.send(
          new ScanCommand({ TableName, Segment, TotalSegments: 3, ExclusiveStartKey: start }),
        );
      count += page.Count ?? 0;
      start = page.LastEvaluatedKey;
    } while (start);
  }
  const rest = await client.send(
    new ScanCommand({ TableName, ExclusiveStartKey: whole.LastEvaluatedKey }),
  );
  expect(count).toBe((whole.Count ?? 0) + (whole.LastEvaluatedKey ? (rest.Count ?? 0) : 0));
});
