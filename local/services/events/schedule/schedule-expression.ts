import { AwsError } from '#local/kernel/aws-error.ts';
import { nextOfCron, parseCron } from './cron.ts';

/** When a scheduled rule fires. All times are milliseconds since the epoch. */
export interface Schedule {
  /** The first firing after `time`; undefined when there is none any more. */
  next(time: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * Reads `rate(5 minutes)` or `cron(0 12 * * ? *)`.
 *
 * @param anchor from when a rate counts
 * @throws AwsError ValidationException as EventBridge does, also for `rate(1 minutes)`
 */
export function parseSchedule(expression: string, anchor: number): Schedule {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) {
    const count = Number(rate[1]);
    if ((count === 1) === (rate[3] === '')) {
      const period = count * (UNIT_MS[rate[2] ?? ''] ?? 0);
      return { next: (time) => anchor + (Math.floor((time - anchor) / period) + 1) * period };
    }
  }
  const cron = parseCron(/^cron\((.*)\)$/.exec(expression)?.[1] ?? '');
  if (cron) return { next: (time) => nextOfCron(cron, time) };
  throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
}
