import { crc32 } from 'node:zlib';
import type { Action } from '#local/kernel/service.ts';
import { conditions, refuseLegacy, rootsOf } from '../access.ts';
import { conditionOf, projectionOf } from '../expression/parse-cache.ts';
import { Placeholders } from '../expression/placeholders.ts';
import type { Parts } from '../parts.ts';
import { prepareRead, selectOf, type ReadInput } from '../read-page.ts';
import type { RangeItem } from '../table/item-ranges.ts';
import { invalid } from '../validation.ts';

interface Input extends ReadInput {
  readonly Segment?: number;
  readonly TotalSegments?: number;
}

export const scan = (parts: Parts): Action<Input> => ({
  reads: true,
  authorize(input) {
    const touched = {
      expressions: [
        conditionOf('FilterExpression', input.FilterExpression),
        projectionOf(input.ProjectionExpression),
      ],
      placeholders: input,
      select: selectOf(input),
      returnConsumedCapacity: input.ReturnConsumedCapacity,
    };
    const table = parts.tables.arnOf(input.TableName);
    return [
      {
        action: 'dynamodb:Scan',
        resource: input.IndexName === undefined ? table : `${table}/index/${input.IndexName}`,
        conditions: conditions(touched, [], rootsOf(touched)),
      },
    ];
  },
  run(input) {
    refuseLegacy(input);
    checkSegments(input);
    const placeholders = new Placeholders(input);
    const table = parts.tables.require(input.TableName);
    const read = prepareRead(input, table, placeholders, () => []);
    placeholders.refuseUnused(
      input.FilterExpression !== undefined || input.ProjectionExpression !== undefined,
    );
    const items = read.index
      ? parts.ranges.index(table, read.index, read.start)
      : parts.ranges.table(table, read.start);
    return read.page(segment(items, input));
  },
});

function checkSegments({ Segment, TotalSegments }: Input): void {
  if (Segment === undefined && TotalSegments === undefined) return;
  if (Segment === undefined) {
    throw invalid(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (TotalSegments === undefined) {
    throw invalid(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (Segment >= TotalSegments) {
    throw invalid(
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        `Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  }
}

/** The share of a parallel scan: partitions are divided by a hash of their key. */
function* segment(items: Iterable<RangeItem>, input: Input): Generator<RangeItem> {
  const { Segment = 0, TotalSegments = 1 } = input;
  for (const item of items) {
    if (TotalSegments === 1 || crc32(item.partition) % TotalSegments === Segment) yield item;
  }
}
