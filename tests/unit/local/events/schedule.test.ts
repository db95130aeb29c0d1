import { describe, expect, it } from '@jest/globals';
import { parseSchedule } from '#local/services/events/schedule/schedule-expression.ts';

const at = (text: string) => Date.parse(text);
const next = (expression: string, after: string) => {
  const time = parseSchedule(expression, at('2026-01-01T00:00:30Z')).next(at(after));
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('a schedule expression', () => {
  it.each([
    ['rate(1 minute)', '2026-01-01T00:05:31Z', '2026-01-01T00:06:30.000Z'],
    ['rate(2 hours)', '2026-01-01T00:00:30Z', '2026-01-01T02:00:30.000Z'],
    ['rate(7 days)', '2026-01-01T00:00:30Z', '2026-01-08T00:00:30.000Z'],
    ['cron(0 12 * * ? *)', '2026-03-01T12:00:00Z', '2026-03-02T12:00:00.000Z'],
    ['cron(0/15 8-9 ? * MON-FRI *)', '2026-11-20T09:50:00Z', '2026-11-23T08:00:00.000Z'],
    ['cron(5,35 14 * * ? *)', '2026-03-01T14:10:00Z', '2026-03-01T14:35:00.000Z'],
    ['cron(15 10 ? * 6L 2026-2027)', '2026-11-27T10:15:00Z', '2026-12-25T10:15:00.000Z'],
    ['cron(0 9 ? * 2#1 *)', '2026-11-02T09:00:00Z', '2026-12-07T09:00:00.000Z'],
    ['cron(0 8 L * ? *)', '2026-02-01T00:00:00Z', '2026-02-28T08:00:00.000Z'],
    ['cron(0 8 15W * ? *)', '2026-08-01T00:00:00Z', '2026-08-14T08:00:00.000Z'],
    ['cron(0 0 29 2 ? *)', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2026)', '2026-06-01T00:00:00Z', undefined],
  ])('%s after %s fires at %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'cron(0 12 * * * *)',
    'cron(0 12 ? * ? *)',
    'cron(0 12 * * ?)',
    'cron(60 12 * * ? *)',
    'every day',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression, 0)).toThrow(
      expect.objectContaining({ code: 'ValidationException' }),
    );
  });
});
