import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { ResourceProvider, ResourceRequest } from '#local/kernel/service.ts';
import { takeMembers, takeProperties } from '#local/template/take-properties.ts';
import { mappingArn } from '../event-source/describe-mapping.ts';
import type { EventSources } from '../event-source/event-sources.ts';
import type { MappingSettings, MappingStore } from '../event-source/mapping-store.ts';
import { pollerPrincipal } from '../event-source/queue-poller.ts';
import { queueUrl } from '../event-source/queue-url.ts';
import { functionReference } from '../function-name.ts';
import { invalidValue, type FunctionSettings } from '../function-settings.ts';
import type { FunctionStore } from '../function-store.ts';

/** Without a batching window a batch holds what one ReceiveMessage gives. */
const MOST_WITHOUT_WINDOW = 10;

/** `AWS::Lambda::EventSourceMapping` of standard SQS queues. `Ref` is its UUID. */
export const eventSourceMappingResource = (parts: {
  store: FunctionStore;
  mappings: MappingStore;
  sources: EventSources;
}): ResourceProvider => ({
  type: 'AWS::Lambda::EventSourceMapping',
  async upsert(resource, cloud) {
    const settings = settingsOf(resource);
    const { functionName: name, qualifier, queueArn } = settings;
    const revision = parts.store.revision({ name, qualifier });
    await checkQueue(cloud, queueArn, revision.settings);
    const mapping = parts.mappings.put(resource.defaultName, settings);
    parts.sources.follow(mapping);
    const { uuid } = mapping;
    return {
      ref: uuid,
      attributes: { Id: uuid, EventSourceMappingArn: mappingArn(cloud, uuid) },
    };
  },
  remove(ref) {
    parts.sources.forget(ref);
    parts.mappings.remove(ref);
  },
});

function settingsOf(resource: ResourceRequest): MappingSettings {
  const properties = takeProperties(resource, {
    served: [
      'BatchSize',
      'Enabled',
      'EventSourceArn',
      'FunctionName',
      'FunctionResponseTypes',
      'MaximumBatchingWindowInSeconds',
      'ScalingConfig',
    ],
    inert: ['KmsKeyArn', 'Tags'],
  });
  const { name, qualifier } = functionReference(properties.FunctionName);
  const queueArn = properties.EventSourceArn as string;
  if (!/^arn:aws[\w-]*:sqs:/.test(queueArn) || queueArn.endsWith('.fifo')) {
    throw notServed(`event sources that are not standard SQS queues (${queueArn})`);
  }
  const types = (properties.FunctionResponseTypes ?? []) as readonly string[];
  const odd = types.find((type) => type !== 'ReportBatchItemFailures');
  if (odd !== undefined) throw invalidValue(`Unsupported function response type: ${odd}`);
  const where = `${resource.type} ${resource.logicalId}: ScalingConfig`;
  const scaling = (properties.ScalingConfig ?? {}) as Readonly<Record<string, unknown>>;
  const { MaximumConcurrency } = takeMembers(where, scaling, { served: ['MaximumConcurrency'] });
  return {
    queueArn,
    functionName: name,
    ...(qualifier !== undefined && { qualifier }),
    ...batching(properties),
    reportsFailures: types.length > 0,
    ...(MaximumConcurrency !== undefined && {
      maximumConcurrency: within('MaximumConcurrency', Number(MaximumConcurrency), 2, 1000),
    }),
    enabled: properties.Enabled !== false && properties.Enabled !== 'false',
  };
}

function batching(properties: Readonly<Record<string, unknown>>) {
  const batchSize = within('BatchSize', Number(properties.BatchSize ?? 10), 1, 10_000);
  const window = Number(properties.MaximumBatchingWindowInSeconds ?? 0);
  const windowSeconds = within('MaximumBatchingWindowInSeconds', window, 0, 300);
  if (batchSize > MOST_WITHOUT_WINDOW && windowSeconds === 0) {
    throw invalidValue(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
  return { batchSize, windowSeconds };
}

/** What CreateEventSourceMapping looks at before it accepts a queue. */
async function checkQueue(cloud: Cloud, arn: string, function_: FunctionSettings): Promise<void> {
  const { Attributes } = await attributesOf(cloud, arn, function_.role);
  const visibility = Number(Attributes.VisibilityTimeout);
  if (visibility >= function_.timeoutSeconds) return;
  throw invalidValue(
    `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${function_.timeoutSeconds} seconds`,
  );
}

async function attributesOf(cloud: Cloud, queueArn: string, role: string) {
  try {
    return await cloud.call<{ Attributes: Readonly<Record<string, string>> }>({
      service: 'sqs',
      action: 'GetQueueAttributes',
      input: { QueueUrl: queueUrl(queueArn), AttributeNames: ['VisibilityTimeout'] },
      principal: pollerPrincipal(role),
    });
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith('AccessDenied')) {
      throw invalidValue(
        'The function execution role does not have permissions to call ReceiveMessage on SQS',
      );
    }
    throw error;
  }
}

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidValue(`${name} must be a whole number from ${min} to ${max}.`);
}
