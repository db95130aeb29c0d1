import { randomUUID } from 'node:crypto';
import type { Cloud } from '#local/kernel/cloud.ts';

/** An event as rules match it and targets get it. */
export interface Envelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** To the second, as EventBridge gives it. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** @param time milliseconds since the epoch; now unless given */
export function envelopeOf(
  cloud: Cloud,
  event: {
    readonly source: string;
    readonly detailType: string;
    readonly resources: readonly string[];
    readonly detail: unknown;
    readonly time?: number;
  },
): Envelope {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': event.detailType,
    source: event.source,
    account: cloud.account,
    time: `${new Date(event.time ?? cloud.now()).toISOString().slice(0, 19)}Z`,
    region: cloud.region,
    resources: event.resources,
    detail: event.detail,
  };
}
