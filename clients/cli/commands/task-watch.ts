import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, onlyId, type Command } from '../command.ts';
import { watchTask } from '../watch/watch-task.ts';

export const taskWatch: Command = {
  name: 'task watch',
  takes: 'ID',
  summary: 'watch a task until it is over',
  details: [
    'On a TTY it stays while the task waits for a person; else it shows the question and ends with 3.',
    'With --json each state of the task is one line.',
  ],
  flags: CALLER_FLAGS,
  async run(typed, terminal) {
    const id = onlyId(typed, 'task id');
    return (await watchTask(openClient(terminal, typed), id, terminal)).code;
  },
};
