import { Buffer } from 'node:buffer';
import { isObject, type Json, type JsonObject } from '#local/workflow/json.ts';
import { asText, type Integration } from './integration.ts';
import { largeMembers, SMALL_MEMBERS, smallMembers } from './member-case.ts';

/** How `aws-sdk:<name>` is called in the local cloud, and what the names of its errors begin with. */
const SERVICES: Readonly<Record<string, { readonly service: string; readonly prefix: string }>> = {
  dynamodb: { service: 'dynamodb', prefix: 'DynamoDb' },
  ecs: { service: 'ecs', prefix: 'Ecs' },
  eventbridge: { service: 'events', prefix: 'EventBridge' },
  kms: { service: 'kms', prefix: 'Kms' },
  lambda: { service: 'lambda', prefix: 'Lambda' },
  cloudwatchlogs: { service: 'logs', prefix: 'CloudWatchLogs' },
  s3: { service: 's3', prefix: 'S3' },
  scheduler: { service: 'scheduler', prefix: 'Scheduler' },
  secretsmanager: { service: 'secretsmanager', prefix: 'SecretsManager' },
  sesv2: { service: 'ses', prefix: 'SesV2' },
  sfn: { service: 'states', prefix: 'Sfn' },
  sqs: { service: 'sqs', prefix: 'Sqs' },
  sts: { service: 'sts', prefix: 'Sts' },
};

/** The integration of any action of a served AWS service; undefined for another service. */
export function sdkIntegration(name: string, action: string): Integration | undefined {
  const known = SERVICES[name];
  if (!known) return undefined;
  const { service, prefix } = known;
  const small = SMALL_MEMBERS.has(service);
  return {
    service,
    errorPrefix: prefix,
    errors: { sdk: 2, service: prefix },
    action: action.charAt(0).toUpperCase() + action.slice(1),
    input: (parameters) =>
      withBodies(service, small ? (smallMembers(parameters) as JsonObject) : parameters),
    output: (answer) => plain(small ? largeMembers(answer) : answer),
  };
}

/** Payloads and bodies that services take as bytes or text, and definitions may write as JSON. */
function withBodies(service: string, input: JsonObject): JsonObject {
  if (service === 'lambda' && input['Payload'] !== undefined)
    return { ...input, Payload: JSON.stringify(input['Payload']) };
  if (service === 's3' && input['Body'] !== undefined) {
    return { ...input, Body: Buffer.from(asText(input['Body'])) as unknown as Json };
  }
  if (service === 'states' && input['input'] !== undefined)
    return { ...input, input: asText(input['input']) };
  if (service === 'states' && input['output'] !== undefined)
    return { ...input, output: asText(input['output']) };
  return input;
}

/** An answer as JSON: bytes as text, dates as ISO 8601. */
function plain(value: unknown): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return (value ?? null) as Json;
  const members = Object.entries(value).filter(([, member]) => (member as unknown) !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}
