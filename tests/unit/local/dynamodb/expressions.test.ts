import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
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
const update = (
  sk: string,
  UpdateExpression: string,
  values?: Record<string, AttributeValue>,
  more = {},
) =>
  client.send(
    new UpdateItemCommand({
      TableName,
      Key: key(sk),
      UpdateExpression,
      ExpressionAttributeValues: values,
      ...more,
    }),
  );

describe('updates', () => {
  it('makes the item when there is none', async () => {
    const { Attributes } = await update(
      'made',
      'SET v = :v',
      { ':v': { N: '1' } },
      { ReturnValues: 'ALL_NEW' },
    );
    expect(Attributes).toEqual({ ...key('made'), v: { N: '1' } });
  });

  it('sets, counts, appends, removes, adds and deletes in one expression', async () => {
    await put('all', {
      n: { N: '0.1' },
      parts: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] },
      tags: { SS: ['x', 'y'] },
      gone: { S: 'gone' },
      deep: { M: { count: { N: '5' } } },
    });
    const { Attributes } = await update(
      'all',
      'SET n = n + :tenth, more = list_append(parts, :d), fresh = if_not_exists(fresh, :zero), ' +
        'deep.#c = deep.#c - :tenth REMOVE gone, parts[0], parts[1] ADD whole :big DELETE tags :x',
      {
        ':tenth': { N: '0.2' },
        ':d': { L: [{ S: 'd' }] },
        ':zero': { N: '0' },
        ':big': { N: '99999999999999999999999999999999999999' },
        ':x': { SS: ['x'] },
      },
      { ExpressionAttributeNames: { '#c': 'count' }, ReturnValues: 'ALL_NEW' },
    );
    expect(Attributes).toEqual({
      ...key('all'),
      n: { N: '0.3' },
      parts: { L: [{ S: 'c' }] },
      more: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }, { S: 'd' }] },
      fresh: { N: '0' },
      tags: { SS: ['y'] },
      deep: { M: { count: { N: '4.8' } } },
      whole: { N: '99999999999999999999999999999999999999' },
    });
  });

  it('returns only what it changed, before and after', async () => {
    await put('changed', { a: { M: { b: { N: '1' }, c: { N: '2' } } }, d: { S: 'same' } });
    const values = { ':one': { N: '1' } };
    const before = await update('changed', 'SET a.b = a.b + :one', values, {
      ReturnValues: 'UPDATED_OLD',
    });
    expect(before.Attributes).toEqual({ a: { M: { b: { N: '1' } } } });
    const after = await update('changed', 'SET a.b = a.b + :one', values, {
      ReturnValues: 'UPDATED_NEW',
    });
    expect(after.Attributes).toEqual({ a: { M: { b: { N: '3' } } } });
  });

  it('deletes a set with its last element', async () => {
    await put('set', { tags: { SS: ['x'] } });
    await update('set', 'DELETE tags :x', { ':x': { SS: ['x'] } });
    expect(await get('set')).toEqual(key('set'));
  });

  it.each([
    [
      'SET pk = :v',
      'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    ],
    [
      'SET name = :v',
      'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name',
    ],
    [
      'SET a = :v, a.b = :v',
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
    ],
    [
      'SET a = :missing, b = :v',
      'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :missing',
    ],
    [
      'SET #x = :v',
      'Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #x',
    ],
    ['REMOVE a', 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'],
    ['SET a = b', 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'],
    [
      'SET a = b + :v',
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    ['SET txt = txt + :v', 'An operand in the update expression has an incorrect data type'],
    ['SET a.b.c = :v', 'The document path provided in the update expression is invalid for update'],
    [
      'SET a = :v SET b = :v',
      'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
    ],
    [
      'SET a = size(:v)',
      'Invalid UpdateExpression: The function is not allowed to be used this way in an expression; function: size',
    ],
    ['SET a := :v', 'Invalid UpdateExpression: Syntax error; token: ":", near: "a := :v"'],
    ['SET a = :v,', 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ","'],
    ['  ', 'Invalid UpdateExpression: The expression can not be empty;'],
    [
      'DELETE a :v',
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER',
    ],
  ])('refuses %s', async (expression, message) => {
    await put('bad', { txt: { S: 't' } });
    await expect(update('bad', expression, { ':v': { N: '1' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message,
    });
    expect(await get('bad')).toEqual({ ...key('bad'), txt: { S: 't' } });
  });
});

describe('conditions', () => {
  const holds = async (ConditionExpression: string, values?: Record<string, AttributeValue>) => {
    try {
      await update('cond', 'REMOVE nothing', values, { ConditionExpression });
      return true;
    } catch (error) {
      if ((error as Error).name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  };
  beforeAll(() =>
    put('cond', {
      n: { N: '10' },
      s: { S: 'hello' },
      l: { L: [{ S: 'a' }, { N: '2' }] },
      ss: { SS: ['x', 'y'] },
      m: { M: { in: { BOOL: true } } },
    }),
  );

  it.each<[string, boolean, Record<string, AttributeValue>?]>([
    ['n = :v', true, { ':v': { N: '1e1' } }],
    ['n > :v', true, { ':v': { N: '9' } }],
    ['n BETWEEN :v AND :w', true, { ':v': { N: '9' }, ':w': { N: '10' } }],
    ['n IN (:v, :w)', true, { ':v': { N: '9' }, ':w': { N: '10' } }],
    ['n < :v', false, { ':v': { S: '99' } }],
    ['begins_with(s, :v)', true, { ':v': { S: 'he' } }],
    ['contains(s, :v)', true, { ':v': { S: 'ell' } }],
    ['contains(l, :v)', true, { ':v': { N: '2' } }],
    ['contains(ss, :v)', true, { ':v': { S: 'y' } }],
    ['contains(ss, :v)', false, { ':v': { N: '1' } }],
    ['size(s) = :v', true, { ':v': { N: '5' } }],
    ['size(l) > :v', false, { ':v': { N: '2' } }],
    ['attribute_type(m, :v)', true, { ':v': { S: 'M' } }],
    ['attribute_exists(m.#in)', true],
    ['attribute_exists(l[2])', false],
    ['attribute_not_exists(nope.x)', true],
    ['absent <> :v', true, { ':v': { N: '1' } }],
    ['absent = :v', false, { ':v': { N: '1' } }],
    ['NOT (n = :v OR attribute_not_exists(s)) AND s <> :v', true, { ':v': { N: '1' } }],
    ['ss = :v', true, { ':v': { SS: ['y', 'x'] } }],
    ['(n) = :v', true, { ':v': { N: '10' } }],
  ])('%s is %s', async (...[expression, expected, values]) => {
    const names = expression.includes('#in') ? { '#in': 'in' } : undefined;
    const result = names
      ? update('cond', 'REMOVE nothing', values, {
          ConditionExpression: expression,
          ExpressionAttributeNames: names,
        }).then(() => true)
      : holds(expression, values);
    expect(await result).toBe(expected);
  });

  it.each<[string, string, Record<string, AttributeValue>?]>([
    [
      '((n = :v))',
      'Invalid ConditionExpression: The expression has redundant parentheses;',
      { ':v': { N: '1' } },
    ],
    [
      'n < :v',
      'Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: <, operand type: BOOL',
      { ':v': { BOOL: true } },
    ],
    [
      'n BETWEEN :v AND :w',
      'Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}',
      { ':v': { N: '2' }, ':w': { N: '1' } },
    ],
    ['exists(n)', 'Invalid ConditionExpression: Invalid function name; function: exists'],
    [
      'begins_with(n)',
      'Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1',
    ],
    [
      'n = n',
      'Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]',
    ],
  ])('refuses %s', async (...[expression, message, values]) => {
    await expect(holds(expression, values)).rejects.toMatchObject({
      name: 'ValidationException',
      message,
    });
  });
});
