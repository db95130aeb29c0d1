import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { openClient } from '../api/open-client.ts';
import { CALLER_FLAGS, UsageError, type Command, type Typed } from '../command.ts';
import { messageOf } from '../failure.ts';
import { EXIT } from '../exit-codes.ts';
import { showTask } from '../screen/show-run.ts';
import { watchTask } from '../watch/watch-task.ts';

export const taskSubmit: Command = {
  name: 'task submit',
  takes: '[WORDS…]',
  summary: 'hand in a task, in words or as a workflow',
  details: [
    'The words are the task. A workflow is a file with `steps`: [{tool, input}, …]; it needs no model.',
    'With --watch it ends with the task: 3 when a person has to answer first, 4 when it was denied, refused or expired, 5 when its budget is spent.',
  ],
  flags: {
    ...CALLER_FLAGS,
    file: {
      type: 'string',
      multiple: true,
      value: 'FILE',
      help: 'hand in a file with the task; may be repeated',
    },
    workflow: { type: 'string', value: 'FILE', help: 'the steps, as JSON or YAML' },
    title: { type: 'string', value: 'TEXT', help: 'what the task is called in lists' },
    usd: { type: 'string', value: 'N', help: 'dollars that it may cost at most (1)' },
    steps: { type: 'string', value: 'N', help: 'actions that it may take at most (100)' },
    tokens: {
      type: 'string',
      value: 'N',
      help: 'tokens of the model that it may use at most (1000000)',
    },
    priority: { type: 'string', value: 'high', help: 'take it before others' },
    'approval-timeout': {
      type: 'string',
      value: 'S',
      help: 'seconds that a person has to answer (86400)',
    },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      help: 'the same key is the same task, for 24 hours',
    },
    watch: { type: 'boolean', help: 'watch it until it is over' },
  },
  async run(typed, terminal) {
    const body = bodyOf(typed);
    const client = openClient(terminal, typed);
    const task = await client.submitTask(body, typed.text('idempotency-key'));
    if (typed.has('watch')) return (await watchTask(client, task.task_id, terminal)).code;
    if (terminal.json) terminal.print(task);
    for (const line of showTask(task, terminal)) terminal.say(line);
    terminal.say(`\nmirai task watch ${task.task_id}`);
    return EXIT.ok;
  },
};

function bodyOf(typed: Typed): Record<string, unknown> {
  const words = typed.positionals.join(' ').trim();
  const workflow = typed.text('workflow');
  if ((words === '') === (workflow === undefined))
    throw new UsageError('Say the task in words, or name a workflow with --workflow.');
  const limits = {
    usd: typed.number('usd'),
    steps: typed.number('steps'),
    tokens: typed.number('tokens'),
  };
  return {
    ...(workflow === undefined ? { task: words } : { workflow: readWorkflow(workflow) }),
    title: typed.text('title'),
    files: typed.texts('file').map(readInputFile),
    priority: typed.text('priority'),
    limits,
    approval_timeout_seconds: typed.number('approval-timeout'),
  };
}

/** A file as the API takes it: text as text, anything else in base 64. */
export function readInputFile(path: string): Record<string, string> {
  const bytes = readTyped(path);
  const text = bytes.toString('utf8');
  const name = basename(path);
  return Buffer.from(text, 'utf8').equals(bytes)
    ? { name, content: text }
    : { name, content_base64: bytes.toString('base64') };
}

function readWorkflow(path: string): unknown {
  const text = readTyped(path).toString('utf8');
  try {
    return /\.ya?ml$/i.test(path) ? parseYaml(text) : JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

function readTyped(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new UsageError(`There is no file ${path} that can be read.`);
  }
}
