import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { showApproval } from '../screen/show-approval.ts';

const LOOKED_AT = 100;

export const approvals: Command = {
  name: 'approvals',
  takes: '[ID]',
  summary: 'show what waits for a person: exactly what would happen, risk, cost, expiry',
  flags: {
    ...CALLER_FLAGS,
    all: { type: 'boolean', help: 'also those that have their answer' },
  },
  async run(typed, terminal) {
    const client = openClient(terminal, typed, 'approver');
    const [id] = typed.positionals;
    const list =
      id === undefined
        ? await client.listApprovals(LOOKED_AT)
        : { items: [await client.getApproval(id)], next: null };
    const shown = list.items.filter(
      ({ status }) => id !== undefined || typed.has('all') || status === 'pending',
    );
    if (terminal.json) terminal.print({ ...list, items: shown });
    else if (shown.length === 0) terminal.say('Nothing waits for a person.');
    shown.forEach((approval, i) => {
      if (i > 0) terminal.say(`\n${'─'.repeat(Math.min(terminal.columns, 80))}\n`);
      for (const line of showApproval(approval, terminal)) terminal.say(line);
    });
    return EXIT.ok;
  },
};
