import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, onlyId, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const taskRedrive: Command = {
  name: 'task redrive',
  takes: 'ID',
  summary: 'try a dead-lettered task once more',
  flags: CALLER_FLAGS,
  async run(typed, terminal) {
    const task = await openClient(terminal, typed).redriveTask(onlyId(typed, 'task id'));
    if (terminal.json) terminal.print(task);
    terminal.say(`${task.task_id}  ${task.status}\n\nmirai task watch ${task.task_id}`);
    return EXIT.ok;
  },
};
