import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readProgram } from '#containers/tour-model/work/skills/run-code.ts';
import { tourLoop } from '#tests/support/tour-loop.ts';

const NONE = new Map<string, Buffer>();

describe('handed code', () => {
  it('is proposed as it stands, with the import that it lacks before it', () => {
    expect(readProgram("Execute: os.system('rm -rf /')")).toEqual({
      language: 'python',
      code: "import os\nos.system('rm -rf /')",
    });
  });

  it.each([
    ['Run: ls -la /', 'bash', 'ls -la /'],
    ['Execute: console.log(1 + 1)', 'javascript', 'console.log(1 + 1)'],
    ['Run this python code: print(2)', 'python', 'print(2)'],
    ['Please run the following bash script: echo hello', 'bash', 'echo hello'],
    ['Execute `print("a")`', 'python', 'print("a")'],
    ['Run this:\n```js\nlet a = 1;\n```', 'javascript', 'let a = 1;\n'],
    ['Execute: for i in range(3): print(i)', 'python', 'for i in range(3): print(i)'],
    ['Execute: import json\nprint(json.dumps(1))', 'python', 'import json\nprint(json.dumps(1))'],
    ['Run: rm -rf /tmp/x', 'bash', 'rm -rf /tmp/x'],
  ])('%j is %s', (words, language, code) => {
    expect(readProgram(words)).toEqual({ language, code });
  });

  it.each(['Run the payroll', 'What is code?', 'Execute'])('is not found in %j', (words) => {
    expect(readProgram(words)).toBeUndefined();
  });

  it.each(['denied', 'refused'])('that was %s ends with the words of the dialogue', (status) => {
    const { answer, tools } = tourLoop("Execute: os.system('rm -rf /')", NONE, {
      run_code: { status },
    });
    expect(answer).toBe('Action blocked by policy');
    expect(tools).toEqual(['run_code']);
  });

  it('tells what it printed', () => {
    const { answer } = tourLoop('Run: print(6 * 7)', NONE);
    expect(answer).toBe('The code ended with exit code 0.\nIt printed:\n42');
  });
});

describe('small requests', () => {
  it('lists the files', () => {
    const output = { artifacts: [{ name: 'a.csv', media_type: 'text/csv' }, { name: 'b' }] };
    const { answer } = tourLoop('Which files do you have?', NONE, {
      list_artifacts: { status: 'done', output },
    });
    expect(answer).toBe('There are 2 files:\n- a.csv (text/csv)\n- b');
  });

  it('gives back the first sentences of a page', () => {
    const text =
      '<html><head><title>T</title></head><p>One is 1.5 long. Two! Three? Four.</p></html>';
    const { answer } = tourLoop('Summarise https://example.org/page.', NONE, {
      fetch_url: { status: 'done', output: { text } },
    });
    expect(answer).toBe('https://example.org/page begins: One is 1.5 long. Two! Three?');
  });

  it('asks a person', () => {
    const observation = { status: 'done', output: { answer: 'Blue.' } };
    const { answer, tools } = tourLoop('Ask me: which colour?', NONE, { ask_person: observation });
    expect(tools).toEqual(['ask_person']);
    expect(answer).toBe('The answer is: Blue.');
  });

  it('writes a text file', () => {
    const { answer, tools } = tourLoop(
      'Write a short text file called hello.txt saying: Hello there',
      NONE,
      { write_artifact: { status: 'done' } },
    );
    expect(tools).toEqual(['write_artifact']);
    expect(answer).toBe('I wrote hello.txt.');
  });

  it('says plainly that it does not understand', () => {
    const { answer, tools } = tourLoop('Compose a sonnet about rivers', NONE);
    expect(tools).toEqual([]);
    expect(answer).toMatch(/^I am mirai-tour, .* I do not understand .* I can:\n- run code/s);
  });
});

describe('the model', () => {
  it('knows nothing of the bundled data', () => {
    const folder = new URL('../../../', import.meta.url).pathname;
    const own = readdirSync(join(folder, 'containers/tour-model'), {
      recursive: true,
      encoding: 'utf8',
    })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(folder, 'containers/tour-model', name), 'utf8'))
      .join('\n')
      .toLowerCase();
    const rows = readFileSync(join(folder, 'clients/cli/demo/invoices.csv'), 'utf8')
      .split('\r\n')
      .slice(1);
    const cells = rows.flatMap((row) => row.toLowerCase().split(';')).map((cell) => cell.trim());
    const telling = [...new Set(cells)].filter(
      (cell) => cell.length > 4 && !cell.startsWith('total'),
    );
    expect(telling.length).toBeGreaterThan(80);
    expect([...telling, 'invoices.csv'].filter((cell) => own.includes(cell))).toEqual([]);
  });
});
