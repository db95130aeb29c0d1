import type { ParseArgsOptionsConfig } from 'node:util';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './screen/terminal.ts';

/** One flag of a command: how it is parsed and what its help says. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** What stands after the flag in the help, such as `USD`. */
  readonly value?: string;
  readonly help: string;
}

/** What was typed after the command's words. */
export interface Typed {
  readonly positionals: readonly string[];
  /** True when the flag was given. */
  has(flag: string): boolean;
  /** The flag's last value. */
  text(flag: string): string | undefined;
  /** All values of a flag that may be given several times. */
  texts(flag: string): readonly string[];
  /** @throws UsageError when it is no number */
  number(flag: string): number | undefined;
}

/** One command of `mirai`: everything that the dispatcher and the help need. */
export interface Command {
  /** Such as `task submit`. */
  readonly name: string;
  /** What comes after the name in the help, such as `ID`. */
  readonly takes?: string;
  readonly summary: string;
  /** Sentences under the summary in the command's own help. */
  readonly details?: readonly string[];
  readonly flags?: Readonly<Record<string, Flag>>;
  run(typed: Typed, terminal: Terminal): Promise<ExitCode>;
}

/** A command that was typed wrongly; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Flags that every command has. */
export const COMMON_FLAGS = {
  json: { type: 'boolean', help: 'print JSON and nothing else' },
  state: { type: 'string', value: 'DIR', help: 'the folder of the platform’s state (.mirai)' },
  help: { type: 'boolean', help: 'show this help' },
} as const satisfies Record<string, Flag>;

/** Flags of the commands that speak to the API. */
export const CALLER_FLAGS = {
  tenant: { type: 'string', value: 'NAME', help: 'act in this tenant' },
  as: { type: 'string', value: 'ROLE', help: 'use the key of the owner or the approver' },
} as const satisfies Record<string, Flag>;

/** The flags as `util.parseArgs` wants them. */
export const parseOptions = (flags: Readonly<Record<string, Flag>>): ParseArgsOptionsConfig =>
  Object.fromEntries(
    Object.entries(flags).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );

type Values = Readonly<Record<string, unknown>>;

/** The parsed values as a command reads them. */
export const typedOf = (values: Values, positionals: readonly string[]): Typed => ({
  positionals,
  has: (flag) => values[flag] === true,
  text(flag) {
    const value = values[flag];
    return typeof value === 'string' ? value : undefined;
  },
  texts(flag) {
    const value = values[flag];
    return Array.isArray(value) ? (value as string[]) : [];
  },
  number(flag) {
    const value = values[flag];
    if (typeof value !== 'string') return undefined;
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number))
      throw new UsageError(`--${flag} needs a number, not “${value}”.`);
    return number;
  },
});

/**
 * The one thing that a command is about.
 *
 * @throws UsageError when there is not exactly one
 */
export function onlyId({ positionals }: Typed, what: string): string {
  const [id] = positionals;
  if (id === undefined || positionals.length > 1)
    throw new UsageError(`This needs exactly one ${what}.`);
  return id;
}
