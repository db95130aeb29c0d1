import { notServed } from '#local/kernel/aws-error.ts';
import type { ResourceRequest } from '#local/kernel/service.ts';

/** A queue or function that hears of events in a bucket. */
export interface Destination {
  readonly service: 'sqs' | 'lambda';
  readonly arn: string;
  readonly id: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** What the template says of a bucket. */
export interface BucketDefinition {
  readonly name: string;
  readonly versioned: boolean;
  readonly eventBridge: boolean;
  readonly destinations: readonly Destination[];
  /** Encryption of objects that do not say otherwise. */
  readonly encryption: {
    readonly algorithm: string;
    readonly keyId?: string;
    readonly bucketKey: boolean;
  };
  readonly objectLock: boolean;
  readonly defaultRetention?: { readonly mode: string; readonly days: number };
}

interface NotificationEntry {
  readonly Event: string;
  readonly Queue?: string;
  readonly Function?: string;
  readonly Filter?: { S3Key: { Rules: readonly { Name: string; Value: string }[] } };
}

interface Properties {
  readonly BucketName?: string;
  readonly VersioningConfiguration?: { readonly Status: string };
  readonly NotificationConfiguration?: {
    readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: boolean | string };
    readonly QueueConfigurations?: readonly NotificationEntry[];
    readonly LambdaConfigurations?: readonly NotificationEntry[];
    readonly TopicConfigurations?: readonly NotificationEntry[];
  };
  readonly BucketEncryption?: {
    readonly ServerSideEncryptionConfiguration: readonly {
      readonly BucketKeyEnabled?: boolean;
      readonly ServerSideEncryptionByDefault?: { SSEAlgorithm: string; KMSMasterKeyID?: string };
    }[];
  };
  readonly ObjectLockEnabled?: boolean;
  readonly ObjectLockConfiguration?: {
    readonly Rule?: { DefaultRetention?: { Mode: string; Days?: number; Years?: number } };
  };
}

const SERVED = new Set([
  ...['BucketName', 'VersioningConfiguration', 'NotificationConfiguration', 'BucketEncryption'],
  ...['ObjectLockEnabled', 'ObjectLockConfiguration'],
]);

/**
 * Accepted without effect: everything is private here anyway, bodies stay until they are deleted,
 * and browsers' preflight requests are not answered.
 */
const INERT = new Set([
  ...['PublicAccessBlockConfiguration', 'OwnershipControls', 'LifecycleConfiguration', 'Tags'],
  ...['CorsConfiguration', 'AccessControl', 'LoggingConfiguration', 'InventoryConfigurations'],
  ...['IntelligentTieringConfigurations', 'MetricsConfigurations', 'AnalyticsConfigurations'],
]);

/** @throws AwsError for a property that is not served, such as replication or a website */
export function readBucket(resource: ResourceRequest): BucketDefinition {
  const properties = resource.properties as Properties;
  const unknown = Object.keys(properties).find((name) => !SERVED.has(name) && !INERT.has(name));
  if (unknown) throw notServed(`the property ${unknown} of ${resource.type}`);
  const objectLock = String(properties.ObjectLockEnabled) === 'true';
  return {
    name: properties.BucketName ?? resource.defaultName.toLowerCase(),
    versioned: objectLock || properties.VersioningConfiguration?.Status === 'Enabled',
    ...readNotifications(properties),
    encryption: readEncryption(properties),
    objectLock,
    defaultRetention: readRetention(properties),
  };
}

function readNotifications(
  properties: Properties,
): Pick<BucketDefinition, 'eventBridge' | 'destinations'> {
  const notifications = properties.NotificationConfiguration ?? {};
  if (notifications.TopicConfigurations?.length) throw notServed('SNS notifications of S3');
  const eventBridge = notifications.EventBridgeConfiguration;
  return {
    eventBridge: eventBridge !== undefined && String(eventBridge.EventBridgeEnabled) !== 'false',
    destinations: [
      ...(notifications.QueueConfigurations ?? []).map((entry) => destination('sqs', entry)),
      ...(notifications.LambdaConfigurations ?? []).map((entry) => destination('lambda', entry)),
    ],
  };
}

function readEncryption(properties: Properties): BucketDefinition['encryption'] {
  const [rule] = properties.BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  const byDefault = rule?.ServerSideEncryptionByDefault;
  return {
    algorithm: byDefault?.SSEAlgorithm ?? 'AES256',
    keyId: byDefault?.KMSMasterKeyID,
    bucketKey: String(rule?.BucketKeyEnabled) === 'true',
  };
}

function readRetention(properties: Properties): BucketDefinition['defaultRetention'] {
  const retention = properties.ObjectLockConfiguration?.Rule?.DefaultRetention;
  return (
    retention && {
      mode: retention.Mode,
      days: Number(retention.Days ?? 0) + 365 * Number(retention.Years ?? 0),
    }
  );
}

function destination(service: 'sqs' | 'lambda', entry: NotificationEntry): Destination {
  const rules = entry.Filter?.S3Key.Rules ?? [];
  const rule = (name: string) =>
    rules.find((candidate) => candidate.Name.toLowerCase() === name)?.Value ?? '';
  const arn = entry.Queue ?? entry.Function ?? '';
  return {
    service,
    arn,
    id: `${service}-${entry.Event}`,
    events: [entry.Event],
    prefix: rule('prefix'),
    suffix: rule('suffix'),
  };
}
