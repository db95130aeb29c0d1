import type { Action } from '#local/kernel/service.ts';
import { describeMapping } from '../event-source/describe-mapping.ts';
import type { EventSources } from '../event-source/event-sources.ts';
import type { MappingStore } from '../event-source/mapping-store.ts';
import { functionReference } from '../function-name.ts';
import { pageOf, type PageInput } from '../page.ts';

interface Input extends PageInput {
  readonly EventSourceArn?: string;
  readonly FunctionName?: string;
}

/** The mappings of a queue, of a function, or all. */
export const listEventSourceMappingsAction = (
  mappings: MappingStore,
  sources: EventSources,
): Action<Input> => ({
  reads: true,
  authorize: () => [{ action: 'lambda:ListEventSourceMappings', resource: '*' }],
  run(input, { cloud }) {
    const { EventSourceArn: arn, FunctionName } = input;
    const wanted = FunctionName === undefined ? undefined : functionReference(FunctionName);
    const found = mappings
      .all()
      .filter(
        ({ queueArn, functionName, qualifier }) =>
          [undefined, queueArn].includes(arn) &&
          (wanted === undefined || wanted.name === functionName) &&
          [undefined, qualifier].includes(wanted?.qualifier),
      );
    const { items, next } = pageOf(found, input);
    return {
      EventSourceMappings: items.map((mapping) =>
        describeMapping(cloud, mapping, sources.lastResult(mapping.uuid)),
      ),
      ...(next && { NextMarker: next }),
    };
  },
});
