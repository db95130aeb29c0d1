import { COMMON_FLAGS, type Command, type Flag } from './command.ts';
import { tableOf } from './screen/table.ts';

/** What `mirai` alone says. */
export function helpOfAll(commands: readonly Command[]): string {
  const rows = commands.map((command) => [`  mirai ${usageOf(command)}`, command.summary]);
  return [
    'mirai: governed agents, on one laptop or on AWS',
    '',
    ...tableOf(rows),
    '',
    'Each command has --help and --json.',
    'Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 waits for approval, 4 denied, refused or expired,',
    '            5 budget spent, 6 verification failed',
  ].join('\n');
}

export function helpOf(command: Command): string {
  const flags = { ...command.flags, ...COMMON_FLAGS };
  return [
    `mirai ${usageOf(command)} [flags]`,
    '',
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    ...(command.details ?? []),
    '',
    ...tableOf(
      Object.entries(flags).map(([name, flag]) => [`  ${flagUsage(name, flag)}`, flag.help]),
    ),
  ].join('\n');
}

const usageOf = ({ name, takes }: Command): string => (takes ? `${name} ${takes}` : name);

const flagUsage = (name: string, { value }: Flag): string =>
  value ? `--${name} ${value}` : `--${name}`;

/** The known name that is closest to what was typed. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  return [...names].sort((a, b) => editDistance(typed, a) - editDistance(typed, b))[0];
}

/** Levenshtein's distance: insertions, deletions and changes of one letter. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
