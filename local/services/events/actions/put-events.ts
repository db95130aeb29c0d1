import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { envelopeOf } from '../envelope.ts';
import type { EventsContext } from '../events-context.ts';

interface Entry {
  /** Seconds since the epoch, as on the wire. */
  readonly Time?: number;
  readonly Source?: string;
  readonly Resources?: readonly string[];
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly TraceHeader?: string;
}

interface Input {
  readonly Entries?: readonly Entry[];
  readonly EndpointId?: string;
}

type EntryResult =
  { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

const MOST_ENTRIES = 10;
/** All entries together; 1 MB since January 2026. */
const MOST_BYTES = 1_048_576;

/** PutEvents: good entries are accepted, bad ones are answered with their error. */
export const putEvents = (events: EventsContext): Action<Input> => ({
  authorize({ Entries = [] }) {
    const needs = Entries.map(({ EventBusName, Source = '', DetailType = '' }) => ({
      action: 'events:PutEvents',
      resource: events.buses.arn(events.buses.nameOf(EventBusName)),
      conditions: { 'events:source': Source, 'events:detail-type': DetailType },
    }));
    return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
  },
  run({ Entries = [], EndpointId }) {
    if (EndpointId !== undefined) throw notServed('EventBridge global endpoints');
    checkRequest(Entries);
    const results = Entries.map((entry) => accept(events, entry));
    return {
      FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
      Entries: results,
    };
  },
});

function checkRequest(entries: readonly Entry[]): void {
  if (entries.length < 1 || entries.length > MOST_ENTRIES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
    );
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MOST_BYTES) {
    throw new AwsError(
      'ValidationException',
      'Total size of the entries in the request is over the limit.',
    );
  }
}

/** As the EventBridge user guide counts: 14 bytes for a time, and the UTF-8 of everything else. */
function sizeOf({ Time, Source, DetailType, Detail, Resources = [] }: Entry): number {
  return [Source, DetailType, Detail, ...Resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    Time === undefined ? 0 : 14,
  );
}

function accept(events: EventsContext, entry: Entry): EntryResult {
  const fault = faultOf(entry);
  if (fault) return fault;
  const { Time, Source = '', DetailType = '', Detail = '', Resources = [], EventBusName } = entry;
  const event = envelopeOf(events.cloud, {
    source: Source,
    detailType: DetailType,
    resources: Resources,
    detail: JSON.parse(Detail) as unknown,
    ...(Time === undefined ? {} : { time: Time * 1000 }),
  });
  // A bus that does not exist swallows its events without an error, as on AWS.
  events.publish(events.buses.nameOf(EventBusName), event);
  return { EventId: event.id };
}

function faultOf(entry: Entry): EntryResult | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name]) {
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
    }
  }
  if (entry.Source?.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  return isJsonObject(entry.Detail ?? '')
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
