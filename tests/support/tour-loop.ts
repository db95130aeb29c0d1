import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complete, MODEL } from '#containers/tour-model/work/complete.ts';
import type { Message } from '#containers/tour-model/work/wire.ts';

export interface SentMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly attachments?: readonly string[];
}

export interface TourEnd {
  readonly answer: string;
  readonly tools: readonly string[];
  readonly mails: readonly SentMail[];
  /** What the code printed. */
  readonly stdout: string;
  readonly artifacts: ReadonlyMap<string, Buffer>;
}

/** The system's own Python: a version switcher's costs 40 ms more each time. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** Of an observation, the platform shows a model no more. */
const SHOWN_CHARACTERS = 24_000;

const TOOLS = [
  'list_artifacts',
  'read_artifact',
  'write_artifact',
  'run_code',
  'send_email',
  'fetch_url',
  'ask_person',
];

/**
 * Carries out what the tour model chooses, with Python run as it stands, until it says something.
 *
 * @param answers observations that are given back instead of carrying a tool out
 */
export function tourLoop(
  words: string,
  files: ReadonlyMap<string, Buffer>,
  answers: Readonly<Record<string, unknown>> = {},
  contacts: readonly string[] = ['finance: finance@acme.example'],
): TourEnd {
  const artifacts = new Map(files);
  const end = { tools: [] as string[], mails: [] as SentMail[], stdout: '' };
  const system = (): Message => {
    const list = [...artifacts].map(([name, body]) => `- ${name} (text/csv, ${body.length} bytes)`);
    const lines = [
      'Contacts:',
      ...contacts.map((line) => `- ${line}`),
      'Files of the task:',
      ...list,
    ];
    return { role: 'system', content: lines.join('\n') };
  };
  const messages: Message[] = [{ role: 'user', content: words }];
  const carryOut = (tool: string, input: Record<string, unknown>): unknown => {
    end.tools.push(tool);
    if (answers[tool] !== undefined) return answers[tool];
    if (tool === 'read_artifact') {
      const text = artifacts.get(String(input['name']))?.toString('utf8') ?? '';
      const most = Number(input['max_chars'] ?? 100_000);
      return {
        status: 'done',
        output: { name: input['name'], text: text.slice(0, most), truncated: text.length > most },
      };
    }
    if (tool === 'run_code') {
      const output = runPython(String(input['code']), artifacts);
      end.stdout = output.stdout;
      return { status: 'done', output };
    }
    if (tool === 'send_email') {
      end.mails.push(input as unknown as SentMail);
      return { status: 'done', output: { message_id: 'm-1' } };
    }
    return { status: 'failed', error: 'not here' };
  };
  for (let turn = 0; turn < 12; turn += 1) {
    const tools = TOOLS.map((name) => ({ type: 'function' as const, function: { name } }));
    const [{ message }] = complete(
      { model: MODEL, messages: [system(), ...messages], tools },
      0,
    ).choices;
    if (!message.tool_calls) return { ...end, answer: message.content ?? '', artifacts };
    messages.push({
      role: 'assistant',
      content: message.content,
      tool_calls: message.tool_calls.map((call) => ({ ...call, function: { ...call.function } })),
    });
    for (const { id, function: call } of message.tool_calls) {
      const observation = carryOut(
        call.name,
        JSON.parse(call.arguments) as Record<string, unknown>,
      );
      const content = JSON.stringify(observation).slice(0, SHOWN_CHARACTERS);
      messages.push({ role: 'tool', tool_call_id: id, content });
    }
  }
  throw new Error('the model does not come to an end');
}

/** Runs the code with its workspace in a folder of its own; what it leaves in `out` becomes artifacts. */
function runPython(code: string, artifacts: Map<string, Buffer>) {
  const folder = mkdtempSync(join(tmpdir(), 'tour-'));
  try {
    for (const [name, bytes] of artifacts) writeFileSync(join(folder, name), bytes);
    mkdirSync(join(folder, 'out'));
    const stdout = execFileSync(
      PYTHON,
      ['-I', '-S', '-c', code.replaceAll('"/workspace"', JSON.stringify(folder))],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      },
    );
    const made = readdirSync(join(folder, 'out'));
    for (const name of made) artifacts.set(name, readFileSync(join(folder, 'out', name)));
    return { exit_code: 0, stdout, stderr: '', artifacts: made };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
