import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { compileEventPattern } from '../pattern/event-pattern.ts';

interface Input {
  readonly EventPattern?: string;
  readonly Event?: string;
}

const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'detail-type'];

/** TestEventPattern. */
export const testEventPattern = (): Action<Input> => ({
  reads: true,
  authorize: () => [{ action: 'events:TestEventPattern', resource: '*' }],
  run({ EventPattern = '', Event = '' }) {
    const event = parseEvent(Event);
    const missing = REQUIRED.filter((name) => event[name] === undefined);
    if (missing.length > 0) {
      throw invalidEvent(`${missing.join(', ')} missing in the event`);
    }
    return { Result: compileEventPattern(EventPattern)(event) };
  },
});

function parseEvent(text: string): Record<string, unknown> {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) {
      return event as Record<string, unknown>;
    }
  } catch {
    // Refused below, like any other text that is no object.
  }
  throw invalidEvent('it is no JSON object');
}

const invalidEvent = (reason: string): AwsError =>
  new AwsError('ValidationException', `Parameter Event is not valid. Reason: ${reason}.`);
