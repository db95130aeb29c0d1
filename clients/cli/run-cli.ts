import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { NotRunning } from './api/connection.ts';
import { ProblemError } from './api/problem.ts';
import { COMMON_FLAGS, parseOptions, typedOf, UsageError, type Command } from './command.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import { messageOf } from './failure.ts';
import { helpOf, helpOfAll, nearest } from './help.ts';
import { plain } from './screen/ink.ts';
import type { Terminal } from './screen/terminal.ts';

export type OpenTerminal = (options: { json: boolean; state: string }) => Terminal;

/** Beside the sources, wherever the command is typed. */
const DEFAULT_STATE = join(import.meta.dirname, '..', '..', '.mirai');

/** Carries out one command line, and says everything that goes wrong in a sentence. */
export async function runCli(
  args: readonly string[],
  commands: readonly Command[],
  open: OpenTerminal,
): Promise<ExitCode> {
  let terminal = open({ json: args.includes('--json'), state: DEFAULT_STATE });
  try {
    const command = findCommand(args, commands);
    if (!command) {
      terminal.say(helpOfAll(commands));
      return EXIT.ok;
    }
    const { values, positionals } = parse(args.slice(command.name.split(' ').length), command);
    if (values['help']) {
      terminal.say(helpOf(command));
      return EXIT.ok;
    }
    const state = typeof values['state'] === 'string' ? resolve(values['state']) : DEFAULT_STATE;
    terminal = open({ json: values['json'] === true, state });
    return await command.run(typedOf(values, positionals), terminal);
  } catch (error) {
    return explain(error, terminal);
  }
}

/** The command whose words stand first; undefined when help is asked for. */
function findCommand(args: readonly string[], commands: readonly Command[]): Command | undefined {
  const words = args.slice(0, 2);
  const found =
    commands.find(({ name }) => name === words.join(' ')) ??
    commands.find(({ name }) => name === words[0]);
  if (found) return found;
  if (words.length === 0 || ['help', '--help', '-h'].includes(words[0] ?? '')) return undefined;
  const typed = words.filter((word) => !word.startsWith('-')).join(' ');
  const siblings = commands.filter(({ name }) => name.startsWith(`${words[0] ?? ''} `));
  const names = (siblings.length > 0 ? siblings : commands).map(({ name }) => name);
  const close = nearest(typed, names) ?? '';
  throw new UsageError(`There is no command “${plain(typed)}”. Did you mean: mirai ${close}`);
}

function parse(args: readonly string[], command: Command) {
  const options = parseOptions({ ...command.flags, ...COMMON_FLAGS });
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    if (parsed.positionals.length > 0 && command.takes === undefined && !parsed.values['help'])
      throw new UsageError(
        `mirai ${command.name} takes no “${plain(parsed.positionals[0] ?? '')}”.`,
      );
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const [message = ''] = messageOf(error).split('. ');
    throw new UsageError(`${message}. See: mirai ${command.name} --help`);
  }
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof ProblemError) {
    const { problem } = error;
    if (terminal.json) terminal.print(problem);
    const trace = problem.trace_id ? ` (trace ${problem.trace_id})` : '';
    terminal.remark(plain(`${problem.code}: ${problem.detail} — ${problem.advice}${trace}`));
    for (const { pointer, message } of problem.errors ?? [])
      terminal.remark(plain(`  ${pointer || '/'}: ${message}`));
    return exitCodeOf(problem.code);
  }
  const message = messageOf(error);
  const code = codeOf(error);
  if (terminal.json) terminal.print({ code, detail: message });
  terminal.remark(plain(message));
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

function codeOf(error: unknown): string {
  if (error instanceof UsageError) return 'cli.usage';
  return error instanceof NotRunning ? 'cli.not_running' : 'cli.failed';
}
