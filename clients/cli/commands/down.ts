import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const down: Command = {
  name: 'down',
  summary: 'stop the platform; its state stays',
  async run(_typed, terminal) {
    const { stopPlatform } = await import('../operator/platform-record.ts');
    const stopped = await stopPlatform(terminal.state);
    if (terminal.json) terminal.print({ stopped });
    terminal.say(stopped ? 'Mirai has stopped.' : 'Mirai was not running.');
    return EXIT.ok;
  },
};
