import { COMMANDS } from './commands/register.ts';
import { runCli } from './run-cli.ts';
import { processTerminal } from './screen/process-terminal.ts';

process.exitCode = await runCli(process.argv.slice(2), COMMANDS, processTerminal);
