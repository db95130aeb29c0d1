import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type AttributeValue,
  type CancellationReason,
  type QueryCommandInput,
  type TransactWriteItem,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { dataRoleCredentials } from '../aws-sts/data-role.ts';

export type Item = Record<string, unknown>;
type Stored = Record<string, AttributeValue>;

export interface TableEnv {
  readonly TABLE_NAME: string;
  readonly DATA_ROLE_ARN: string;
}

/** A condition did not hold. `item` is what stood there, where the write asked for it. */
export interface Conflict {
  readonly item: Item | undefined;
}

const MARSHALL = { removeUndefinedValues: true } as const;
const KEPT_CLIENTS = 100;
const clients = new Map<string, DynamoDBClient>();

function clientFor(env: TableEnv, tenant: string): DynamoDBClient {
  const name = `${env.DATA_ROLE_ARN} ${tenant}`;
  let client = clients.get(name);
  if (!client) {
    if (clients.size >= KEPT_CLIENTS) clients.delete(clients.keys().next().value ?? '');
    client = new DynamoDBClient({ credentials: dataRoleCredentials(env.DATA_ROLE_ARN, tenant) });
    clients.set(name, client);
  }
  return client;
}

/** A conditional update in the platform's table. */
export interface Update {
  readonly pk: string;
  readonly sk: string;
  readonly update: string;
  readonly condition?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

export interface QueryOptions {
  /** Only sort keys with this prefix. */
  readonly prefix?: string;
  /** Only sort keys after this one (before it, when newest first). */
  readonly after?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
  /** Reads the index `list` instead of the table. */
  readonly index?: 'list';
}

/** The platform's table as one tenant's data role sees it: every key must be that tenant's. */
export class TenantTable {
  readonly tenant: string;
  readonly #env: TableEnv;
  readonly #client: DynamoDBClient;

  constructor(env: TableEnv, tenant: string) {
    this.tenant = tenant;
    this.#env = env;
    this.#client = clientFor(env, tenant);
  }

  async get(pk: string, sk: string): Promise<Item | undefined> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#env.TABLE_NAME,
        Key: key(pk, sk),
        ConsistentRead: true,
      }),
    );
    return item && fromStored(item);
  }

  /** @returns undefined when written, else the conflict */
  async put(item: Item, condition?: string, values?: Item): Promise<Conflict | undefined> {
    return this.#conditional(() =>
      this.#client.send(
        new PutItemCommand({
          TableName: this.#env.TABLE_NAME,
          Item: marshall(item, MARSHALL),
          ConditionExpression: condition,
          ExpressionAttributeValues: values && marshall(values, MARSHALL),
          ReturnValuesOnConditionCheckFailure: condition ? 'ALL_OLD' : undefined,
        }),
      ),
    );
  }

  /** @returns undefined when written, else the conflict */
  async update(update: Update): Promise<Conflict | undefined> {
    return this.#conditional(() =>
      this.#client.send(
        new UpdateItemCommand({
          ...this.#updateInput(update),
          ReturnValuesOnConditionCheckFailure: update.condition ? 'ALL_OLD' : undefined,
        }),
      ),
    );
  }

  async delete(pk: string, sk: string): Promise<void> {
    await this.#client.send(
      new DeleteItemCommand({ TableName: this.#env.TABLE_NAME, Key: key(pk, sk) }),
    );
  }

  /** One page or, without a limit, everything under a partition key. */
  async query(pk: string, options: QueryOptions = {}): Promise<Item[]> {
    const found: Item[] = [];
    let start: Stored | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({ ...this.#queryInput(pk, options), ExclusiveStartKey: start }),
      );
      found.push(...Items.map(fromStored));
      start = LastEvaluatedKey;
    } while (start && (options.limit === undefined || found.length < options.limit));
    return options.limit === undefined ? found : found.slice(0, options.limit);
  }

  /** All or nothing. @returns undefined when written, else a conflict per element (undefined: held) */
  async transact(writes: readonly Write[]): Promise<(Conflict | undefined)[] | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#client.send(
          new TransactWriteItemsCommand({
            TransactItems: writes.map((write) => this.#write(write)),
          }),
        );
        return undefined;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const reasons = error.CancellationReasons ?? [];
        const failed = reasons.some(({ Code }) => Code === 'ConditionalCheckFailed');
        if (failed) return reasons.map(conflictOf);
        if (attempt >= 8 || !reasons.some(({ Code }) => Code === 'TransactionConflict'))
          throw error;
        await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt * Math.random()));
      }
    }
  }

  #write(write: Write): TransactWriteItem {
    const TableName = this.#env.TABLE_NAME;
    if ('put' in write) {
      return {
        Put: {
          TableName,
          Item: marshall(write.put, MARSHALL),
          ConditionExpression: write.condition,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      };
    }
    if ('remove' in write)
      return { Delete: { TableName, Key: key(write.remove.pk, write.remove.sk) } };
    if ('check' in write) {
      return {
        ConditionCheck: {
          ...this.#conditionInput(write.check),
          ConditionExpression: write.check.condition,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      };
    }
    return {
      Update: { ...this.#updateInput(write), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    };
  }

  #conditionInput({ pk, sk, names, values }: Omit<Update, 'update'>) {
    return {
      TableName: this.#env.TABLE_NAME,
      Key: key(pk, sk),
      ExpressionAttributeNames: names && { ...names },
      ExpressionAttributeValues: values && marshall(values, MARSHALL),
    };
  }

  #updateInput(update: Update): UpdateItemCommandInput & { Key: Stored; UpdateExpression: string } {
    return {
      ...this.#conditionInput(update),
      UpdateExpression: update.update,
      ConditionExpression: update.condition,
    };
  }

  #queryInput(
    pk: string,
    { prefix, after, limit, newestFirst, index }: QueryOptions,
  ): QueryCommandInput {
    const [hash, range] = index ? ['lk', 'ls'] : ['pk', 'sk'];
    const conditions = [`${hash} = :pk`];
    const values: Item = { ':pk': pk };
    if (after !== undefined) {
      conditions.push(`${range} ${newestFirst ? '<' : '>'} :after`);
      values[':after'] = after;
    } else if (prefix !== undefined) {
      conditions.push(`begins_with(${range}, :prefix)`);
      values[':prefix'] = prefix;
    }
    return {
      TableName: this.#env.TABLE_NAME,
      IndexName: index,
      KeyConditionExpression: conditions.join(' AND '),
      ExpressionAttributeValues: marshall(values),
      Limit: limit,
      ScanIndexForward: !newestFirst,
      ConsistentRead: index ? undefined : true,
    };
  }

  async #conditional(write: () => Promise<unknown>): Promise<Conflict | undefined> {
    try {
      await write();
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { item: error.Item && fromStored(error.Item) };
    }
  }
}

/** One element of a transaction. */
export type Write =
  | Update
  | { readonly put: Item; readonly condition?: string }
  | { readonly remove: { readonly pk: string; readonly sk: string } }
  | { readonly check: Omit<Update, 'update'> & { readonly condition: string } };

const key = (pk: string, sk: string): Stored => ({ pk: { S: pk }, sk: { S: sk } });
const fromStored = (item: Stored): Item => unmarshall(item);

const conflictOf = (reason: CancellationReason): Conflict | undefined =>
  reason.Code === 'ConditionalCheckFailed'
    ? { item: reason.Item && fromStored(reason.Item) }
    : undefined;
