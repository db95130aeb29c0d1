import type { Cloud } from '#local/kernel/cloud.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Service } from '#local/kernel/service.ts';
import { describeRule, listRules, listTargetsByRule } from './actions/describe-rules.ts';
import { putEvents } from './actions/put-events.ts';
import { testEventPattern } from './actions/test-event-pattern.ts';
import { BusStore, DEFAULT_BUS } from './bus-store.ts';
import { Deliveries } from './deliveries.ts';
import { envelopeOf, type Envelope } from './envelope.ts';
import type { EventsContext } from './events-context.ts';
import { eventBusResource, ruleResource } from './resources.ts';
import { RuleStore } from './rule-store.ts';
import { Schedules } from './schedule/schedules.ts';

/**
 * Amazon EventBridge: buses, rules with patterns or schedules, and durable deliveries to Lambda
 * functions, queues and state machines. Sets `cloud.publishEvent`.
 */
export function eventsService(cloud: Cloud): Service {
  const buses = new BusStore(cloud);
  const rules = new RuleStore(cloud);
  const deliveries = new Deliveries(cloud, rules);
  const schedules = new Schedules(cloud, (arn, time) => {
    const rule = rules.find(arn);
    if (!rule?.enabled) return;
    const about = { source: 'aws.events', detailType: 'Scheduled Event', resources: [arn] };
    deliveries.add(rule, envelopeOf(cloud, { ...about, detail: {}, time }));
  });
  const publish = (bus: string, event: Envelope) => {
    for (const rule of rules.onBus(bus)) {
      if (rule.enabled && rule.matches?.(event)) deliveries.add(rule, event);
    }
  };
  cloud.publishEvent = (event) =>
    cloud.database.transaction(() => publish(DEFAULT_BUS, envelopeOf(cloud, event)));
  const events: EventsContext = { cloud, buses, rules, schedules, publish };
  return {
    name: 'events',
    wire: jsonWire('1.1'),
    actions: {
      PutEvents: putEvents(events),
      TestEventPattern: testEventPattern(),
      ListRules: listRules(events),
      DescribeRule: describeRule(events),
      ListTargetsByRule: listTargetsByRule(events),
    },
    resources: [eventBusResource(events), ruleResource(events)],
    start() {
      deliveries.start();
      schedules.start();
    },
    async stop() {
      schedules.stop();
      await deliveries.stop();
    },
  };
}
