import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { inkOf } from '../screen/ink.ts';
import { showDuration } from '../screen/quantities.ts';
import { tableOf } from '../screen/table.ts';
import type { Terminal } from '../screen/terminal.ts';
import type { Platform } from '../operator/start-platform.ts';

export const up: Command = {
  name: 'up',
  summary: 'start the platform on this machine',
  details: [
    'Its state stays in the state folder, also over a crash. With OPENAI_API_KEY or OPENAI_BASE_URL set,',
    'that model is used (OPENAI_MODEL names it), else mirai-tour, which needs no key.',
  ],
  flags: {
    foreground: {
      type: 'boolean',
      help: 'stay, load changed sources, and stop the platform at the end',
    },
    port: { type: 'string', value: 'N', help: 'the port on 127.0.0.1' },
    fault: {
      type: 'string',
      multiple: true,
      value: 'NAME=N',
      help: 'make something go wrong on purpose, such as duplicate=0.2',
    },
  },
  async run(typed, terminal) {
    const { startPlatform } = await import('../operator/start-platform.ts');
    const platform = await startPlatform(
      { state: terminal.state, port: typed.number('port'), faults: typed.texts('fault') },
      terminal,
    );
    if (terminal.json)
      terminal.print({
        ...platform.addresses,
        was_running: platform.wasRunning,
        timings_ms: platform.timings,
      });
    for (const line of showPlatform(platform, terminal)) terminal.say(line);
    return typed.has('foreground') ? stay(platform, terminal) : EXIT.ok;
  },
};

/** Where everything is, for a person. */
function showPlatform({ addresses, wasRunning, timings }: Platform, terminal: Terminal): string[] {
  const ink = inkOf(terminal);
  const model = addresses['model'] as { name: string; url: string } | undefined;
  return [
    ink.bold(
      wasRunning
        ? 'Mirai runs already.'
        : `Mirai runs; it took ${showDuration(timings['total'] ?? 0)}.`,
    ),
    ...tableOf([
      ['  API', addresses.api],
      ['  Mailbox', String(addresses['mailbox'])],
      ['  Model', model ? `${model.name} at ${model.url}` : ''],
      ['  Keys', `${terminal.state}/keys`],
    ]),
  ];
}

/** How soon a platform that died is noticed, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** Loads changed sources until a signal comes or the platform dies; a platform that ran before goes on. */
async function stay(platform: Platform, terminal: Terminal): Promise<ExitCode> {
  const [{ reloadOnChange }, { runningPlatform, stopPlatform }] = await Promise.all([
    import('../operator/reload-on-change.ts'),
    import('../operator/platform-record.ts'),
  ]);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => end.abort());
  let hasDied = false;
  const look = setInterval(() => {
    if (runningPlatform(terminal.state)) return;
    hasDied = true;
    end.abort();
  }, LOOK_EVERY_MS);
  terminal.say('  Changed sources are loaded. Stop with Ctrl-C.');
  await reloadOnChange(platform.addresses.endpoint, terminal, end.signal);
  clearInterval(look);
  if (hasDied) terminal.remark(`the platform has ended; see ${terminal.state}/cloud.log`);
  else if (!platform.wasRunning) await stopPlatform(terminal.state);
  return hasDied ? EXIT.failed : EXIT.ok;
}
