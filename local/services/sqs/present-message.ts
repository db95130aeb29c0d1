import {
  chosenAttributes,
  md5Of,
  md5OfAttributes,
  type MessageAttributes,
} from './message-attributes.ts';
import type { MessageRow } from './message-store.ts';

/** Which attributes a receiver asked for. */
export interface Wanted {
  readonly system: readonly string[];
  readonly attributes: readonly string[];
}

/** A message as ReceiveMessage answers it. */
export interface PresentedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MD5OfMessageAttributes?: string;
  readonly MessageAttributes?: MessageAttributes;
}

/** @param row the message before this receipt @param now milliseconds since the epoch */
export function presentMessage(
  row: MessageRow,
  handle: string,
  wanted: Wanted,
  now: number,
): PresentedMessage {
  const system = systemAttributes(row, now).filter(
    ([name]) => wanted.system.includes('All') || wanted.system.includes(name),
  );
  const all = row.attributes === null ? {} : (JSON.parse(row.attributes) as MessageAttributes);
  const chosen = chosenAttributes(all, wanted.attributes);
  return {
    MessageId: row.id,
    ReceiptHandle: handle,
    MD5OfBody: md5Of(row.body),
    Body: row.body,
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(Object.keys(chosen).length > 0
      ? { MD5OfMessageAttributes: md5OfAttributes(chosen), MessageAttributes: chosen }
      : {}),
  };
}

function systemAttributes(row: MessageRow, now: number): [string, string][] {
  const pairs: [string, string | null][] = [
    ['ApproximateFirstReceiveTimestamp', String(row.first_received ?? now)],
    ['ApproximateReceiveCount', String(row.receive_count + 1)],
    ['SenderId', row.sender],
    ['SentTimestamp', String(row.sent_at)],
    ['MessageGroupId', row.group_key === '' ? null : row.group_key],
    ['AWSTraceHeader', row.trace],
    ['DeadLetterQueueSourceArn', row.dead_source],
  ];
  return pairs.filter((pair): pair is [string, string] => pair[1] !== null);
}
