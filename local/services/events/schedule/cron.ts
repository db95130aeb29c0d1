/** Tells whether a day of a month fits. @param day a date at midnight UTC */
type DayTest = (day: Date) => boolean;

/** A six-field cron expression of EventBridge, in UTC: minutes hours day-of-month month day-of-week year. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly dayOfMonth: DayTest;
  readonly months: ReadonlySet<number>;
  readonly dayOfWeek: DayTest;
  readonly years: ReadonlySet<number>;
}

const DAY_MS = 86_400_000;
const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEK_DAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/** @param fields what stands inside `cron(…)` @returns undefined when EventBridge would refuse it */
export function parseCron(fields: string): Cron | undefined {
  const [minutes, hours, day, month, weekDay, years, ...more] = fields.trim().split(/\s+/);
  if (years === undefined || more.length > 0) return undefined;
  // Exactly one of the two day fields says anything; the other is a question mark.
  if ((day === '?') === (weekDay === '?')) return undefined;
  const cron = {
    minutes: numbers(minutes ?? '', 0, 59),
    hours: numbers(hours ?? '', 0, 23),
    dayOfMonth: monthDayTest(day ?? ''),
    months: numbers(month ?? '', 1, 12, MONTHS, 1),
    dayOfWeek: weekDayTest(weekDay ?? ''),
    years: numbers(years, FIRST_YEAR, LAST_YEAR),
  };
  const { minutes: m, hours: h, dayOfMonth, months, dayOfWeek, years: y } = cron;
  if (!m || !h || !dayOfMonth || !months || !dayOfWeek || !y) return undefined;
  return { minutes: m, hours: h, dayOfMonth, months, dayOfWeek, years: y };
}

/** The first fitting minute after `after`. Both are milliseconds since the epoch. */
export function nextOfCron(cron: Cron, after: number): number | undefined {
  const first = Math.floor(after / 60_000) * 60_000 + 60_000;
  const lastYear = Math.max(...cron.years);
  for (let day = Math.floor(first / DAY_MS) * DAY_MS; ; day += DAY_MS) {
    const date = new Date(day);
    if (date.getUTCFullYear() > lastYear) return undefined;
    if (!fitsDay(cron, date)) continue;
    const time = firstTimeOf(cron, day, first);
    if (time !== undefined) return time;
  }
}

function fitsDay(cron: Cron, date: Date): boolean {
  return (
    cron.years.has(date.getUTCFullYear()) &&
    cron.months.has(date.getUTCMonth() + 1) &&
    cron.dayOfMonth(date) &&
    cron.dayOfWeek(date)
  );
}

function firstTimeOf(cron: Cron, day: number, notBefore: number): number | undefined {
  for (let hour = 0; hour < 24; hour += 1) {
    if (!cron.hours.has(hour) || day + (hour + 1) * 3_600_000 <= notBefore) continue;
    for (let minute = 0; minute < 60; minute += 1) {
      const time = day + hour * 3_600_000 + minute * 60_000;
      if (cron.minutes.has(minute) && time >= notBefore) return time;
    }
  }
  return undefined;
}

/** Lists, ranges, steps, `*` and names. @param base the number of the first name */
function numbers(
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  base = 0,
): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  const value = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    if (named >= 0) return named + base;
    return /^\d+$/.test(text) ? Number(text) : NaN;
  };
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range === '*' ? [String(min), String(max)] : range.split('-');
    const start = value(from);
    const end = to === undefined ? (step === undefined ? start : max) : value(to);
    const stride = step === undefined ? 1 : value(step);
    if (!(start >= min && start <= end && end <= max && stride >= 1)) return undefined;
    for (let number = start; number <= end; number += stride) found.add(number);
  }
  return found;
}

/** Also `?`, `L` for the last day and `15W` for the weekday nearest to the 15th. */
function monthDayTest(field: string): DayTest | undefined {
  if (field === '?') return () => true;
  if (field === 'L') return (date) => date.getUTCDate() === daysInMonth(date);
  const nearest = /^(\d{1,2})W$/.exec(field);
  if (nearest) {
    const day = Number(nearest[1]);
    return day >= 1 && day <= 31
      ? (date) => date.getUTCDate() === nearestWeekDay(date, day)
      : undefined;
  }
  const days = numbers(field, 1, 31);
  return days && ((date) => days.has(date.getUTCDate()));
}

/** Also `?`, `L` for Saturday, `6L` for the last Friday and `3#2` for the second Tuesday of a month. */
function weekDayTest(field: string): DayTest | undefined {
  if (field === '?') return () => true;
  const last = /^([1-7]|[A-Z]{3})L$/i.exec(field);
  if (last) {
    const days = numbers(last[1] ?? '', 1, 7, WEEK_DAYS, 1);
    return days && ((date) => days.has(weekDay(date)) && date.getUTCDate() > daysInMonth(date) - 7);
  }
  const nth = /^([1-7]|[A-Z]{3})#([1-5])$/i.exec(field);
  if (nth) {
    const days = numbers(nth[1] ?? '', 1, 7, WEEK_DAYS, 1);
    const week = Number(nth[2]);
    return days && ((date) => days.has(weekDay(date)) && Math.ceil(date.getUTCDate() / 7) === week);
  }
  const days = numbers(field === 'L' ? '7' : field, 1, 7, WEEK_DAYS, 1);
  return days && ((date) => days.has(weekDay(date)));
}

function nearestWeekDay(date: Date, wanted: number): number {
  const last = daysInMonth(date);
  const day = Math.min(wanted, last);
  const weekDayOf = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekDayOf === 6) return day > 1 ? day - 1 : day + 2;
  if (weekDayOf === 0) return day < last ? day + 1 : day - 2;
  return day;
}

const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** From 1 for Sunday to 7 for Saturday. */
const weekDay = (date: Date): number => date.getUTCDay() + 1;
