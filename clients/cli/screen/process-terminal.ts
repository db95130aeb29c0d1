import { createInterface } from 'node:readline/promises';
import type { Terminal } from './terminal.ts';

/** The terminal of this process. Colour where stdout is a screen and neither NO_COLOR nor TERM=dumb is set. */
export function processTerminal(options: { json: boolean; state: string }): Terminal {
  const { stdout, stderr, stdin, env } = process;
  const isTty = stdout.isTTY === true && stdin.isTTY === true && !options.json;
  return {
    ...options,
    isTty,
    hasColour: isTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    get columns() {
      return stdout.columns ?? 100;
    },
    env,
    say(line = '') {
      if (!options.json) stdout.write(`${line}\n`);
    },
    remark: (line) => void stderr.write(`${line}\n`),
    print: (document) => void stdout.write(`${JSON.stringify(document)}\n`),
    draw: (text) => void stdout.write(text),
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stdout });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
    now: Date.now,
  };
}
