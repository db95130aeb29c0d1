import type { Cloud } from '#local/kernel/cloud.ts';
import { functionArn } from '../function-name.ts';
import type { Mapping } from './mapping-store.ts';

export const mappingArn = (cloud: Cloud, uuid: string): string =>
  cloud.arn('lambda', `event-source-mapping:${uuid}`);

/** A mapping as GetEventSourceMapping shows it. */
export const describeMapping = (
  cloud: Cloud,
  mapping: Mapping,
  lastResult: string,
): Record<string, unknown> => ({
  UUID: mapping.uuid,
  BatchSize: mapping.batchSize,
  MaximumBatchingWindowInSeconds: mapping.windowSeconds,
  EventSourceArn: mapping.queueArn,
  FunctionArn: functionArn(cloud, { name: mapping.functionName, qualifier: mapping.qualifier }),
  LastModified: mapping.modifiedAt / 1000,
  LastProcessingResult: lastResult,
  State: mapping.enabled ? 'Enabled' : 'Disabled',
  StateTransitionReason: 'USER_INITIATED',
  FunctionResponseTypes: mapping.reportsFailures ? ['ReportBatchItemFailures'] : [],
  ...(mapping.maximumConcurrency !== undefined && {
    ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency },
  }),
  EventSourceMappingArn: mappingArn(cloud, mapping.uuid),
});
