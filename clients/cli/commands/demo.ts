import type { Command } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../screen/terminal.ts';
import type { Platform } from '../operator/start-platform.ts';

const TENANT = 'acme';

export const demo: Command = {
  name: 'demo',
  summary: 'watch a governed agent do real work: clean up invoices and mail the totals',
  details: [
    'It stops at the mail and shows exactly what would be sent. On a TTY you decide; else the demo’s',
    'approver does. It starts the platform where it does not run, and stops what it started.',
  ],
  async run(_typed, terminal) {
    await bringSystemPackages(terminal);
    const { startPlatform } = await import('../operator/start-platform.ts');
    const platform = await startPlatform({ state: terminal.state }, terminal);
    try {
      return await demonstrate(platform, terminal);
    } finally {
      if (!platform.wasRunning) {
        const { stopPlatform } = await import('../operator/platform-record.ts');
        await stopPlatform(terminal.state);
      }
    }
  },
};

/** Installs what the sandbox needs of the machine, in one printed line, or names the command. */
async function bringSystemPackages(terminal: Terminal): Promise<void> {
  const { checkSystemPackages, installSystemPackages } = await import('../doctor/check-sandbox.ts');
  const { standing, detail, repair } = checkSystemPackages(terminal.env['PATH'] ?? '');
  if (standing !== 'bad') return;
  terminal.remark(`System packages ${detail}; installing them`);
  if (!(await installSystemPackages()))
    throw new Error(`they could not be installed; install them with: ${repair ?? ''}`);
}

async function demonstrate(platform: Platform, terminal: Terminal): Promise<ExitCode> {
  const [{ ApiClient }, { readKeys }, { runDemo }, { exitCodeOfDemo, showDemo }] =
    await Promise.all([
      import('../api/api-client.ts'),
      import('../api/connection.ts'),
      import('../demo/run-demo.ts'),
      import('../demo/show-demo.ts'),
    ]);
  const keys = readKeys(terminal.state).filter(({ tenant }) => tenant === TENANT);
  const clientOf = (role: string) => {
    const apiKey = keys.find((key) => key.role === role)?.api_key ?? '';
    return new ApiClient({ url: platform.addresses.api, apiKey });
  };
  const end = await runDemo(
    {
      owner: clientOf('owner'),
      approver: clientOf('approver'),
      endpoint: platform.addresses.endpoint,
    },
    terminal.json ? { ...terminal, print: () => undefined } : terminal,
  );
  const timings: Record<string, number> = platform.wasRunning
    ? {}
    : { start: platform.timings['total'] ?? 0 };
  const code = exitCodeOfDemo(end);
  if (terminal.json)
    terminal.print({ ok: code === 0, ...end, timings_ms: { ...timings, ...end.timings } });
  for (const line of showDemo(end, timings, terminal)) terminal.say(line);
  return code;
}
