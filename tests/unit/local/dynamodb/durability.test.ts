import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { IamRequest } from '#local/kernel/service.ts';
import { dynamodbService, sweepExpired } from '#local/services/dynamodb/dynamodb.ts';
import { ItemRanges } from '#local/services/dynamodb/table/item-ranges.ts';
import { ItemStore } from '#local/services/dynamodb/table/item-store.ts';
import { Tables } from '#local/services/dynamodb/table/tables.ts';
import { bareCloud } from '#tests/support/bare-cloud.ts';
import { makeTable } from '#tests/support/dynamodb-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'mirai-dynamodb-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TableName = 'things';
const Key = { pk: { S: 'p' }, sk: { S: 's' } };
const WITH_INDEX = {
  AttributeDefinitions: ['pk', 'sk', 'owner'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-owner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

it('finds its tables and items again after an end without ceremony, and backfills a new index', async () => {
  const path = join(folder, 'state.sqlite');
  const first = await bareCloud((c) => [dynamodbService(c)], { path });
  await makeTable(first.cloud);
  await new DynamoDBClient(first.client).send(
    new PutItemCommand({ TableName, Item: { ...Key, owner: { S: 'ann' } } }),
  );
  // Neither stopped nor closed, as after kill -9.
  const second = await bareCloud((c) => [dynamodbService(c)], { path });
  const client = new DynamoDBClient(second.client);
  expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toMatchObject(Key);
  await makeTable(second.cloud, WITH_INDEX);
  const found = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-owner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'ann' } },
    }),
  );
  expect(found.Count).toBe(1);
  await second.close();
  await first.close();
});

it('refuses to change the keys of a table that exists', async () => {
  const bare = await bareCloud((c) => [dynamodbService(c)]);
  await makeTable(bare.cloud);
  await expect(
    makeTable(bare.cloud, { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] }),
  ).rejects.toThrow('a change of the key schema of the table things');
  await bare.close();
});

it('deletes expired items in the background and not before', async () => {
  const bare = await bareCloud((c) => [dynamodbService(c)]);
  await makeTable(bare.cloud, { TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } });
  const dynamodb = new DynamoDBClient(bare.client);
  const now = Math.floor(Date.now() / 1000);
  const put = (sk: string, ttl: object) =>
    dynamodb.send(
      new PutItemCommand({ TableName, Item: { pk: { S: 'p' }, sk: { S: sk }, ttl: ttl as never } }),
    );
  await put('over', { N: String(now - 10) });
  await put('later', { N: String(now + 1000) });
  await put('text', { S: String(now - 10) });
  await put('ancient', { N: '10' });
  const count = async () =>
    (
      await dynamodb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'p' } },
        }),
      )
    ).Count;
  expect(await count()).toBe(4);
  const parts = {
    cloud: bare.cloud,
    tables: new Tables(bare.cloud),
    store: new ItemStore(bare.cloud.database),
    ranges: new ItemRanges(bare.cloud.database),
  };
  expect(sweepExpired(parts)).toBe(1);
  expect(await count()).toBe(3);
  await bare.close();
});

it('asks for permission with the keys and attributes that a request touches', async () => {
  const bare = await bareCloud((c) => [dynamodbService(c)]);
  await makeTable(bare.cloud, WITH_INDEX);
  const needs = (action: string, input: object) =>
    bare.cloud.service('dynamodb').actions[action]?.authorize(input, {} as never) as IamRequest[];
  const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/things';
  expect(
    needs('UpdateItem', {
      TableName,
      Key,
      UpdateExpression: 'SET #a = :v',
      ExpressionAttributeNames: { '#a': 'amount' },
      ReturnValues: 'ALL_NEW',
    }),
  ).toEqual([
    {
      action: 'dynamodb:UpdateItem',
      resource: arn,
      conditions: {
        'dynamodb:LeadingKeys': ['p'],
        'dynamodb:Attributes': ['pk', 'sk', 'amount'],
        'dynamodb:ReturnValues': 'ALL_NEW',
      },
    },
  ]);
  expect(
    needs('Query', {
      TableName,
      IndexName: 'by-owner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'ann' } },
    }),
  ).toEqual([
    {
      action: 'dynamodb:Query',
      resource: `${arn}/index/by-owner`,
      conditions: {
        'dynamodb:LeadingKeys': ['ann'],
        'dynamodb:Attributes': ['owner'],
        'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES',
      },
    },
  ]);
  const inTransaction = needs('TransactWriteItems', {
    TransactItems: [
      { Put: { TableName, Item: Key } },
      { ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_exists(pk)' } },
    ],
  });
  expect(inTransaction.map(({ action }) => action)).toEqual([
    'dynamodb:PutItem',
    'dynamodb:ConditionCheckItem',
  ]);
  expect(needs('GetItem', { TableName: 'nowhere', Key })[0]?.resource).toMatch(/table\/nowhere$/);
  await bare.close();
});

it('makes more than 1,000 updates a second', async () => {
  const bare = await bareCloud((c) => [dynamodbService(c)], {
    path: join(folder, 'fast.sqlite'),
  });
  await makeTable(bare.cloud);
  const input = {
    TableName,
    Key,
    UpdateExpression: 'SET n = if_not_exists(n, :zero) + :one, #s = :s',
    ConditionExpression: 'attribute_not_exists(n) OR n < :limit',
    ExpressionAttributeNames: { '#s': 'state' },
    ExpressionAttributeValues: {
      ':zero': { N: '0' },
      ':one': { N: '1' },
      ':s': { S: 'x' },
      ':limit': { N: '1000000' },
    },
  } satisfies UpdateItemCommand['input'];
  const started = performance.now();
  for (let at = 0; at < 1000; at += 1) {
    await bare.cloud.call({
      service: 'dynamodb',
      action: 'UpdateItem',
      input,
      principal: { kind: 'root' },
    });
  }
  const seconds = (performance.now() - started) / 1000;
  expect(1000 / seconds).toBeGreaterThan(1000);
  await bare.close();
});
