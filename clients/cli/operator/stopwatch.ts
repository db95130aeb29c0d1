/** What took how long, in milliseconds, by name. */
export class Stopwatch {
  readonly #marks: Record<string, number> = {};
  readonly #began = performance.now();

  /** Runs something and notes how long it took. */
  async time<T>(name: string, run: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await run();
    } finally {
      this.#marks[name] = Math.round(performance.now() - began);
    }
  }

  /** Everything that was timed, and `total` since the watch was made. */
  read(): Record<string, number> {
    return { ...this.#marks, total: Math.round(performance.now() - this.#began) };
  }
}
