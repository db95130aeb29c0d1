import { widthOf } from './ink.ts';
import type { Terminal } from './terminal.ts';

/** Lines at the bottom of the screen that are drawn over and over; only where the terminal is a TTY. */
export class LiveBlock {
  readonly #terminal: Terminal;
  #rows = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Puts these lines where the last ones were. */
  show(lines: readonly string[]): void {
    const { columns } = this.#terminal;
    this.#terminal.draw(`${this.#rewind()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#rows = lines.reduce(
      (rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / columns)),
      0,
    );
  }

  /** Takes the lines away. */
  clear(): void {
    this.#terminal.draw(this.#rewind());
    this.#rows = 0;
  }

  #rewind(): string {
    return this.#rows > 0 ? `\u001B[${this.#rows}A\u001B[0J` : '';
  }
}
