import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, onlyId, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { showTask } from '../screen/show-run.ts';

export const taskShow: Command = {
  name: 'task show',
  takes: 'ID',
  summary: 'show a task with its present run',
  flags: CALLER_FLAGS,
  async run(typed, terminal) {
    const task = await openClient(terminal, typed).getTask(onlyId(typed, 'task id'));
    if (terminal.json) terminal.print(task);
    for (const line of showTask(task, terminal)) terminal.say(line);
    return EXIT.ok;
  },
};
