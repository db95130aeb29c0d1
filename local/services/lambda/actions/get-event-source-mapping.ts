import type { Action } from '#local/kernel/service.ts';
import { describeMapping, mappingArn } from '../event-source/describe-mapping.ts';
import type { EventSources } from '../event-source/event-sources.ts';
import type { MappingStore } from '../event-source/mapping-store.ts';

export const getEventSourceMappingAction = (
  mappings: MappingStore,
  sources: EventSources,
): Action<{ readonly UUID: string }> => ({
  reads: true,
  authorize: ({ UUID }, { cloud }) => [
    { action: 'lambda:GetEventSourceMapping', resource: mappingArn(cloud, UUID) },
  ],
  run: ({ UUID }, { cloud }) =>
    describeMapping(cloud, mappings.get(UUID), sources.lastResult(UUID)),
});
