import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Action, ResourceProvider, Service } from '#local/kernel/service.ts';
import { batchGetItem } from './actions/batch-get-item.ts';
import { batchWriteItem } from './actions/batch-write-item.ts';
import { deleteItem } from './actions/delete-item.ts';
import { describeTable, describeTimeToLive } from './actions/describe-table.ts';
import { getItem } from './actions/get-item.ts';
import { listTables } from './actions/list-tables.ts';
import { putItem } from './actions/put-item.ts';
import { query } from './actions/query.ts';
import { scan } from './actions/scan.ts';
import { transactGetItems } from './actions/transact-get-items.ts';
import { transactWriteItems } from './actions/transact-write-items.ts';
import { updateItem } from './actions/update-item.ts';
import { tableProvider } from './table-provider.ts';
import type { Parts } from './parts.ts';
import { ItemRanges } from './table/item-ranges.ts';
import { ItemStore } from './table/item-store.ts';
import { Tables } from './table/tables.ts';

/** AWS deletes expired items within days; a minute lets tests see that it is not at once. */
const SWEEP_EVERY_MS = 60_000;
const SWEPT_AT_ONCE = 500;

/**
 * DynamoDB: the tables of the template, all item actions, expressions and transactions. Streams,
 * PartiQL, local indexes and the making of tables by API are refused.
 */
export function dynamodbService(cloud: Cloud): Service {
  const parts: Parts = {
    cloud,
    tables: new Tables(cloud),
    store: new ItemStore(cloud.database),
    ranges: new ItemRanges(cloud.database),
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'dynamodb',
    wire: jsonWire('1.0'),
    actions: actions(parts),
    resources: RESOURCE_TYPES.map((type): ResourceProvider => tableProvider(type, parts)),
    start() {
      timer = setInterval(() => sweepExpired(parts), SWEEP_EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}

/** Deletes items whose TTL has passed, a few hundred at a time. @returns how many */
export function sweepExpired({ cloud, tables, store }: Parts): number {
  return store.deleteExpired(tables.all, cloud.now() / 1000, SWEPT_AT_ONCE);
}

const RESOURCE_TYPES = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'] as const;

const actions = (parts: Parts): Record<string, Action<never>> => ({
  PutItem: putItem(parts),
  GetItem: getItem(parts),
  UpdateItem: updateItem(parts),
  DeleteItem: deleteItem(parts),
  Query: query(parts),
  Scan: scan(parts),
  BatchGetItem: batchGetItem(parts),
  BatchWriteItem: batchWriteItem(parts),
  TransactGetItems: transactGetItems(parts),
  TransactWriteItems: transactWriteItems(parts),
  DescribeTable: describeTable(parts),
  DescribeTimeToLive: describeTimeToLive(parts),
  ListTables: listTables(parts),
});
