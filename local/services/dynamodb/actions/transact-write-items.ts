import { createHash } from 'node:crypto';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action, IamRequest } from '#local/kernel/service.ts';
import { tableNeed } from '../access.ts';
import { conditionOf, updateOf } from '../expression/parse-cache.ts';
import type { Parts } from '../parts.ts';
import { Capacity, readUnits } from '../table/capacity.ts';
import type { Table } from '../table/tables.ts';
import { TransactionTokens } from '../table/transaction-tokens.ts';
import { constraintFailed, invalid } from '../validation.ts';
import type { Item } from '../values/attribute-value.ts';
import {
  evaluateWrite,
  prepareCheck,
  prepareDelete,
  preparePut,
  prepareUpdate,
  storeOutcome,
  type KeyedInput,
  type Outcome,
  type PreparedWrite,
  type PutInput,
  type UpdateInput,
} from '../write-item.ts';

interface TransactItem {
  readonly ConditionCheck?: KeyedInput;
  readonly Put?: PutInput;
  readonly Update?: UpdateInput;
  readonly Delete?: KeyedInput;
}

interface Input {
  readonly TransactItems: readonly TransactItem[];
  readonly ClientRequestToken?: string;
  readonly ReturnConsumedCapacity?: string;
}

const MAX_ACTIONS = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

const PERMISSIONS = {
  ConditionCheck: 'ConditionCheckItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
} as const;

export function transactWriteItems(parts: Parts): Action<Input> {
  const tokens = new TransactionTokens(parts.cloud);
  return {
    authorize(input) {
      requireTransactionLength(input.TransactItems);
      return input.TransactItems.map((item) => need(item, parts, input.ReturnConsumedCapacity));
    },
    run(input) {
      requireTransactionLength(input.TransactItems);
      const token = input.ClientRequestToken;
      const repeated = token !== undefined && tokens.seen(token, digest(input));
      const capacity = new Capacity(
        input.ReturnConsumedCapacity,
        repeated ? 'read' : 'write',
      ).forTransaction();
      const writes = input.TransactItems.map((item) => prepare(item, parts));
      refuseRepeats(writes);
      if (repeated) {
        // A repeat changes nothing and costs the reading of the items.
        for (const { table, key } of writes) {
          capacity.add(table, 2 * readUnits(parts.store.get(table, key)?.size ?? 0, true));
        }
        return capacity.listMember();
      }
      const outcomes = evaluateAll(writes, parts);
      requireTotalSize(outcomes);
      for (const [at, write] of writes.entries()) {
        const outcome = outcomes[at] as Outcome;
        storeOutcome(write, outcome, parts);
        const after = write.change ? outcome.after : outcome.before;
        parts.store.countWrite(write.table, outcome.before, after, capacity, 2);
      }
      if (token !== undefined) {
        tokens.remember(token, digest(input));
      }
      return capacity.listMember();
    },
  };
}

/** @throws AwsError ValidationException unless there are 1 to 100 elements */
export function requireTransactionLength(items: readonly unknown[] | undefined): void {
  if (!items || items.length === 0) {
    throw constraintFailed(
      items && '[]',
      'transactItems',
      items ? 'Member must have length greater than or equal to 1' : 'Member must not be null',
    );
  }
  if (items.length > MAX_ACTIONS) {
    throw constraintFailed(
      JSON.stringify(items).slice(0, 200),
      'transactItems',
      'Member must have length less than or equal to 100',
    );
  }
}

/** @throws AwsError ValidationException when two elements of a transaction are about one item */
export function refuseRepeats(elements: readonly { table: Table; key: Item }[]): void {
  const places = elements.map(
    ({ table, key }) => `${table.id} ${JSON.stringify(Object.entries(key).sort())}`,
  );
  if (new Set(places).size < places.length) {
    throw invalid('Transaction request cannot include multiple operations on one item');
  }
}

function need(item: TransactItem, parts: Parts, returnConsumedCapacity?: string): IamRequest {
  const [kind, element] = onlyElement(item);
  return tableNeed(parts.tables, PERMISSIONS[kind], element.TableName, {
    keys: ['Item' in element ? element.Item : element.Key],
    expressions: [
      conditionOf('ConditionExpression', element.ConditionExpression),
      updateOf((element as UpdateInput).UpdateExpression),
    ],
    placeholders: element,
    enclosing: 'TransactWriteItems',
    returnConsumedCapacity,
  });
}

function prepare(item: TransactItem, parts: Parts): PreparedWrite {
  const [kind, element] = onlyElement(item);
  switch (kind) {
    case 'Put':
      return preparePut(element as PutInput, parts);
    case 'Update':
      return prepareUpdate(element as UpdateInput, parts);
    case 'Delete':
      return prepareDelete(element as KeyedInput, parts);
    case 'ConditionCheck':
      return prepareCheck(element as KeyedInput, parts);
  }
}

function onlyElement(
  item: TransactItem,
): [keyof typeof PERMISSIONS, PutInput | KeyedInput | UpdateInput] {
  const present = (['ConditionCheck', 'Put', 'Update', 'Delete'] as const).filter(
    (kind) => item[kind] !== undefined,
  );
  const [kind] = present;
  const element = kind && item[kind];
  if (present.length !== 1 || !kind || !element) {
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (kind === 'ConditionCheck' && element.ConditionExpression === undefined) {
    throw constraintFailed(
      undefined,
      'transactItems.1.member.conditionCheck.conditionExpression',
      'Member must not be null',
    );
  }
  return [kind, element];
}

/** Evaluates every element, so that the reasons of all are told when one fails. */
function evaluateAll(writes: readonly PreparedWrite[], parts: Parts): Outcome[] {
  const outcomes: Outcome[] = [];
  const reasons = writes.map((write): Record<string, unknown> & { Code: string } => {
    try {
      outcomes.push(evaluateWrite(write, parts));
      return { Code: 'None' };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const Code =
        error.code === 'ConditionalCheckFailedException'
          ? 'ConditionalCheckFailed'
          : 'ValidationError';
      return { Code, Message: error.message, ...error.fields };
    }
  });
  if (outcomes.length < writes.length) {
    throw new AwsError(
      'TransactionCanceledException',
      'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
        `[${reasons.map(({ Code }) => Code).join(', ')}]`,
      400,
      { CancellationReasons: reasons },
    );
  }
  return outcomes;
}

function requireTotalSize(outcomes: readonly Outcome[]): void {
  const bytes = outcomes.reduce(
    (sum, { after, before }) => sum + ((after ?? before)?.size ?? 0),
    0,
  );
  if (bytes > MAX_TRANSACTION_BYTES) {
    throw invalid('The total size of the items in the transaction exceeds 4 MB');
  }
}

const digest = (input: Input): string =>
  createHash('sha256').update(JSON.stringify(input.TransactItems)).digest('base64');
