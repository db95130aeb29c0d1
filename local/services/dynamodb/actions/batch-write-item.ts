import type { Action } from '#local/kernel/service.ts';
import { tableNeed } from '../access.ts';
import type { Parts } from '../parts.ts';
import { Capacity } from '../table/capacity.ts';
import { constraintFailed, invalid } from '../validation.ts';
import {
  evaluateWrite,
  prepareDelete,
  preparePut,
  storeOutcome,
  type PreparedWrite,
} from '../write-item.ts';
import { refuseDuplicates } from './batch-get-item.ts';

interface WriteRequest {
  readonly PutRequest?: { readonly Item: unknown };
  readonly DeleteRequest?: { readonly Key: unknown };
}

interface Input {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
  readonly ReturnConsumedCapacity?: string;
}

const MAX_REQUESTS = 25;

export const batchWriteItem = (parts: Parts): Action<Input> => ({
  authorize: (input) =>
    Object.entries(input.RequestItems ?? {}).map(([name, requests]) =>
      tableNeed(parts.tables, 'BatchWriteItem', name, {
        keys: requests.map((request) => request.PutRequest?.Item ?? request.DeleteRequest?.Key),
        returnConsumedCapacity: input.ReturnConsumedCapacity,
      }),
    ),
  run(input) {
    const capacity = new Capacity(input.ReturnConsumedCapacity, 'write');
    checkCount(input);
    const writes = Object.entries(input.RequestItems).flatMap(([name, requests]) => {
      const prepared = requests.map((request) => prepare(name, request, parts));
      refuseDuplicates(prepared.map(({ key }) => key));
      return prepared;
    });
    const outcomes = writes.map((write) => evaluateWrite(write, parts));
    for (const [at, write] of writes.entries()) {
      const outcome = outcomes[at];
      if (!outcome) continue;
      storeOutcome(write, outcome, parts);
      parts.store.countWrite(write.table, outcome.before, outcome.after, capacity);
    }
    return { UnprocessedItems: {}, ...capacity.listMember() };
  },
});

function prepare(TableName: string, request: WriteRequest, parts: Parts): PreparedWrite {
  const { PutRequest: put, DeleteRequest: remove } = request;
  if (put && !remove) return preparePut({ TableName, Item: put.Item }, parts);
  if (remove && !put) return prepareDelete({ TableName, Key: remove.Key }, parts);
  throw invalid(
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  );
}

function checkCount(input: Input): void {
  const requests = Object.values(input.RequestItems ?? {});
  const count = requests.reduce((sum, list) => sum + list.length, 0);
  if (count === 0 || requests.some((list) => list.length === 0)) {
    throw invalid('The batch write request list for a table cannot be null or empty');
  }
  if (count > MAX_REQUESTS) {
    throw constraintFailed(
      JSON.stringify(input.RequestItems).slice(0, 200),
      'requestItems',
      'Map value must satisfy constraint: [Member must have length less than or equal to 25, ' +
        'Member must have length greater than or equal to 1]',
    );
  }
}
