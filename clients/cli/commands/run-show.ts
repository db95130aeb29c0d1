import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, onlyId, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { showDecisions } from '../screen/show-decisions.ts';
import { showRun } from '../screen/show-run.ts';

export const runShow: Command = {
  name: 'run show',
  takes: 'ID',
  summary: 'show a run: steps, verdicts, cost, what it waits for, its answer',
  flags: {
    ...CALLER_FLAGS,
    decisions: { type: 'boolean', help: 'show the decision log too' },
  },
  async run(typed, terminal) {
    const client = openClient(terminal, typed);
    const run = await client.getRun(onlyId(typed, 'run id'));
    const decisions = typed.has('decisions') ? await client.listDecisions(run.run_id) : undefined;
    if (terminal.json) terminal.print(decisions ? { ...run, decision_log: decisions } : run);
    for (const line of showRun(run, terminal)) terminal.say(line);
    if (decisions) {
      terminal.say('\nDecisions');
      for (const line of showDecisions(decisions, terminal)) terminal.say(line);
    }
    return EXIT.ok;
  },
};
