import type { Cloud } from '#local/kernel/cloud.ts';
import type { BusStore } from './bus-store.ts';
import type { Envelope } from './envelope.ts';
import type { RuleStore } from './rule-store.ts';
import type { Schedules } from './schedule/schedules.ts';

/** What the EventBridge actions and resources work with. */
export interface EventsContext {
  readonly cloud: Cloud;
  readonly buses: BusStore;
  readonly rules: RuleStore;
  readonly schedules: Schedules;
  /** Writes down the deliveries of an event, in the caller's transaction. */
  publish(bus: string, event: Envelope): void;
}
