import type { Action } from '#local/kernel/service.ts';
import { conditions, refuseLegacy, rootsOf } from '../access.ts';
import { checkCondition } from '../expression/check-condition.ts';
import { conditionOf, projectionOf } from '../expression/parse-cache.ts';
import { Placeholders } from '../expression/placeholders.ts';
import { leadingKey, readKeyCondition } from '../key-condition.ts';
import type { Parts } from '../parts.ts';
import { prepareRead, selectOf, type ReadInput } from '../read-page.ts';
import { encodeKeyValue } from '../table/keys.ts';
import { keyAttributes } from '../table/table-definition.ts';
import { requireIndex } from '../table/tables.ts';
import { invalid } from '../validation.ts';
import { equalValues } from '../values/compare-values.ts';
import type { AttributeValue } from '../values/attribute-value.ts';

interface Input extends ReadInput {
  readonly KeyConditionExpression?: string;
  readonly ScanIndexForward?: boolean;
}

const LABEL = 'KeyConditionExpression';

export const query = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize(input) {
    const expressions = [
      conditionOf(LABEL, input.KeyConditionExpression),
      conditionOf('FilterExpression', input.FilterExpression),
      projectionOf(input.ProjectionExpression),
    ];
    const touched = {
      expressions,
      placeholders: input,
      select: selectOf(input),
      returnConsumedCapacity: input.ReturnConsumedCapacity,
    };
    const leading = leadingKeyOf(input, parts);
    const table = parts.tables.arnOf(input.TableName);
    return [
      {
        action: 'dynamodb:Query',
        resource: input.IndexName === undefined ? table : `${table}/index/${input.IndexName}`,
        conditions: conditions(touched, leading === undefined ? [] : [leading], rootsOf(touched)),
      },
    ];
  },
  run(input) {
    refuseLegacy(input);
    const placeholders = new Placeholders(input);
    const condition = placeholders.use(conditionOf(LABEL, input.KeyConditionExpression));
    if (!condition) {
      throw invalid(
        'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
      );
    }
    checkCondition(LABEL, condition, placeholders);
    const table = parts.tables.require(input.TableName);
    const read = prepareRead(input, table, placeholders, (index) =>
      keyAttributes(index ?? table).map(({ name }) => name),
    );
    placeholders.refuseUnused(true);
    const schema = read.index ?? table;
    const { partition, range } = readKeyCondition(condition, schema, placeholders);
    if (
      read.start &&
      !equalValues(read.start[schema.partition.name] as AttributeValue, partition)
    ) {
      throw invalid(
        'The provided starting key is outside query boundaries based on provided conditions',
      );
    }
    const pk = encodeKeyValue(partition);
    const forward = input.ScanIndexForward !== false;
    return read.page(
      read.index
        ? parts.ranges.indexPartition(table, read.index, pk, range, forward, read.start)
        : parts.ranges.partition(table, pk, range, forward, read.start),
    );
  },
});

/** The partition that is asked for; undefined when the table or the condition does not tell. */
function leadingKeyOf(input: Input, parts: Parts): string | undefined {
  const table = parts.tables.find(input.TableName);
  const parsed = conditionOf(LABEL, input.KeyConditionExpression);
  if (!table || !parsed) return undefined;
  const schema = input.IndexName === undefined ? table : requireIndex(table, input.IndexName);
  const placeholders = new Placeholders(input);
  placeholders.use(parsed);
  return leadingKey(parsed.syntax, schema, placeholders);
}
