import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { dynamodbService } from '#local/services/dynamodb/dynamodb.ts';
import { guardedCloud } from '#tests/support/guarded-cloud.ts';
import { makeTable } from '#tests/support/dynamodb-tables.ts';

let cloud: Awaited<ReturnType<typeof guardedCloud>>;
let tenant: DynamoDBClient;
const TableName = 'things';

beforeAll(async () => {
  cloud = await guardedCloud((c) => [dynamodbService(c)]);
  await makeTable(cloud.cloud);
  const roleArn = cloud.role(
    'tenant-data',
    { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    {
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      Resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/things',
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': '${aws:PrincipalTag/tenant}#*' },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    },
  );
  const session = { roleArn, sessionName: 's', seconds: 900, tags: { tenant: 'a' } };
  tenant = new DynamoDBClient(cloud.clientOf(cloud.cloud.issueCredentials(session)));
});
afterAll(() => cloud.close());

const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: 's' } });
const denied = { name: 'AccessDeniedException' };

it('keeps a tagged session to its own leading keys', async () => {
  const get = (pk: string) => tenant.send(new GetItemCommand({ TableName, Key: keyOf(pk) }));
  expect((await get('a#1')).Item).toBeUndefined();
  await expect(get('b#1')).rejects.toMatchObject(denied);
  const query = (pk: string) =>
    tenant.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': { S: pk } },
      }),
    );
  expect((await query('a#1')).Count).toBe(0);
  await expect(query('b#1')).rejects.toMatchObject(denied);
});

it('judges every element of a transaction', async () => {
  const write = (...pks: string[]) =>
    tenant.send(
      new TransactWriteItemsCommand({
        TransactItems: pks.map((pk) => ({ Put: { TableName, Item: keyOf(pk) } })),
      }),
    );
  await write('a#1', 'a#2');
  await expect(write('a#3', 'b#1')).rejects.toMatchObject(denied);
});

it('denies before it tells that a table is missing', async () => {
  await expect(
    tenant.send(new GetItemCommand({ TableName: 'nowhere', Key: keyOf('a#1') })),
  ).rejects.toMatchObject(denied);
});
