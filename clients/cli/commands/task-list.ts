import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { inkOf, oneLine } from '../screen/ink.ts';
import { paintStatus } from '../screen/show-run.ts';
import { tableOf } from '../screen/table.ts';

const LISTED = 20;

export const taskList: Command = {
  name: 'task list',
  summary: 'list tasks, newest first',
  flags: { ...CALLER_FLAGS, limit: { type: 'string', value: 'N', help: `how many (${LISTED})` } },
  async run(typed, terminal) {
    const list = await openClient(terminal, typed).listTasks(typed.number('limit') ?? LISTED);
    if (terminal.json) terminal.print(list);
    else if (list.items.length === 0) terminal.say('There are no tasks yet: mirai task submit …');
    const ink = inkOf(terminal);
    const rows = list.items.map((task) => [
      task.task_id,
      paintStatus(task.status, ink),
      task.submitted_at.slice(0, 19).replace('T', ' '),
      oneLine(task.title, Math.max(20, terminal.columns - 68)),
    ]);
    for (const line of tableOf(rows)) terminal.say(line);
    return EXIT.ok;
  },
};
