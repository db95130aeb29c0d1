import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { ResourceProvider } from '#local/kernel/service.ts';
import { takeProperties } from '#local/template/take-properties.ts';
import { DEFAULT_BUS } from './bus-store.ts';
import type { EventsContext } from './events-context.ts';
import { compileEventPattern } from './pattern/event-pattern.ts';
import { parseTarget } from './target.ts';

/** The default quota for the length of a rule's pattern. */
const LONGEST_PATTERN = 2048;
const MOST_TARGETS = 5;

/** AWS::Events::EventBus. `Ref` is its name. */
export const eventBusResource = ({ buses }: EventsContext): ResourceProvider => ({
  type: 'AWS::Events::EventBus',
  upsert(resource) {
    const { Name } = takeProperties(resource, {
      served: ['Name'],
      inert: ['Description', 'KmsKeyIdentifier', 'LogConfig', 'Tags'],
    });
    const name = Name as string;
    if (!/^[/.\-_A-Za-z0-9]{1,256}$/.test(name)) {
      throw new AwsError('ValidationException', `The event bus name ${name} is not valid.`);
    }
    buses.declare(name);
    return { ref: name, attributes: { Arn: buses.arn(name), Name: name } };
  },
  remove: (ref) => buses.remove(ref),
});

/** AWS::Events::Rule. `Ref` is its name, after the bus and a bar when it is not on the default bus. */
export const ruleResource = ({ buses, rules, schedules }: EventsContext): ResourceProvider => ({
  type: 'AWS::Events::Rule',
  upsert(resource) {
    const properties = takeProperties(resource, {
      served: [
        'Name',
        'Description',
        'EventBusName',
        'EventPattern',
        'ScheduleExpression',
        'State',
        'Targets',
      ],
      inert: ['Tags'],
    });
    const where = `${resource.type} ${resource.logicalId}`;
    const name = ruleName((properties.Name as string | undefined) ?? resource.defaultName);
    const bus = buses.named(properties.EventBusName as string | undefined);
    const pattern = patternText(properties.EventPattern);
    const schedule = properties.ScheduleExpression as string | undefined;
    const enabled = isEnabled(properties.State);
    checkTriggers(bus, pattern, schedule);
    const targets = ((properties.Targets ?? []) as unknown[]).map((target) =>
      parseTarget(where, target),
    );
    if (targets.length > MOST_TARGETS) {
      throw new AwsError('LimitExceededException', `A rule has at most ${MOST_TARGETS} targets.`);
    }
    const arn = rules.declare({
      name,
      bus,
      enabled,
      targets,
      ...(properties.Description === undefined
        ? {}
        : { description: properties.Description as string }),
      ...(pattern === undefined ? {} : { pattern }),
      ...(schedule === undefined ? {} : { schedule }),
    });
    if (schedule !== undefined && enabled) schedules.set(arn, schedule);
    else schedules.clear(arn);
    return { ref: bus === DEFAULT_BUS ? name : `${bus}|${name}`, attributes: { Arn: arn } };
  },
  remove(ref) {
    const [name = '', bus = DEFAULT_BUS] = ref.split('|').reverse();
    const arn = rules.arn(bus, name);
    rules.remove(arn);
    schedules.clear(arn);
  },
});

function ruleName(name: string): string {
  if (/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) return name;
  throw new AwsError('ValidationException', `The rule name ${name} is not valid.`);
}

function patternText(pattern: unknown): string | undefined {
  if (pattern === undefined) return undefined;
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  if (text.length > LONGEST_PATTERN) {
    throw new AwsError(
      'LimitExceededException',
      `An event pattern has at most ${LONGEST_PATTERN} characters.`,
    );
  }
  compileEventPattern(text);
  return text;
}

function isEnabled(state: unknown): boolean {
  if (state === undefined || state === 'ENABLED') return true;
  if (state === 'DISABLED') return false;
  throw notServed(`rules in the state ${JSON.stringify(state)}`);
}

function checkTriggers(
  bus: string,
  pattern: string | undefined,
  schedule: string | undefined,
): void {
  if (pattern === undefined && schedule === undefined) {
    throw new AwsError(
      'ValidationException',
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    );
  }
  if (schedule !== undefined && bus !== DEFAULT_BUS) {
    throw new AwsError(
      'ValidationException',
      'ScheduleExpression is supported only on the default event bus.',
    );
  }
}
