import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, onlyId, type Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { isOver } from '../watch/follow-task.ts';

export const taskCancel: Command = {
  name: 'task cancel',
  takes: 'ID',
  summary: 'cancel a task',
  flags: CALLER_FLAGS,
  async run(typed, terminal) {
    const task = await openClient(terminal, typed).cancelTask(onlyId(typed, 'task id'));
    if (terminal.json) terminal.print(task);
    terminal.say(`${task.task_id}  ${isOver(task) ? task.status : 'is being cancelled'}`);
    return EXIT.ok;
  },
};
