import { COMMANDS } from '#clients/cli/commands/register.ts';
import { runCli } from '#clients/cli/run-cli.ts';
import type { Terminal } from '#clients/cli/screen/terminal.ts';

export interface CliEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The documents on stdout, one a line. */
  readonly documents: unknown[];
}

/** Carries out a command line as `mirai` does, on a terminal that only remembers. */
export async function typeCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  changes: Partial<Terminal> = {},
): Promise<CliEnd> {
  const out: string[] = [];
  const err: string[] = [];
  const printed: string[] = [];
  const code = await runCli(args, COMMANDS, (options) => ({
    isTty: false,
    hasColour: false,
    columns: 120,
    env,
    ...options,
    say: (line = '') => void (options.json || out.push(line)),
    remark: (line) => void err.push(line),
    print: (document) => void printed.push(JSON.stringify(document)),
    draw: (text) => void out.push(text),
    ask: () => Promise.reject(new Error('nobody is there to be asked')),
    now: () => Date.parse('2026-01-02T03:05:06.000Z'),
    ...changes,
  }));
  return {
    code,
    out: [...out, ...printed].join('\n'),
    err: err.join('\n'),
    documents: printed.map((line) => JSON.parse(line) as unknown),
  };
}
