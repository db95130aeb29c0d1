/** What goes wrong on purpose, so that tests can show that the product bears it. */
export interface FaultSettings {
  /** Added to every API answer after its change is durable, in milliseconds. @default 0 */
  readonly latencyMs?: number;
  /** Share of asynchronous deliveries (queue, event, notification) made twice, 0 to 1. @default 0 */
  readonly duplicate?: number;
  /** Share of deliveries made late, which also reorders them, 0 to 1. @default 0 */
  readonly late?: number;
  /** How late, at most, in milliseconds. @default 2000 */
  readonly lateMs?: number;
  /** Added to the clock that the services read, in milliseconds. @default 0 */
  readonly clockSkewMs?: number;
  /** Makes the choices repeatable. @default 1 */
  readonly seed?: number;
}

export class Faults {
  readonly settings: FaultSettings;
  #state: number;

  constructor(settings: FaultSettings = {}) {
    this.settings = settings;
    this.#state = settings.seed ?? 1;
  }

  /** The delays, in milliseconds, of the copies in which one event is to be delivered. */
  deliveries(): number[] {
    const { duplicate = 0, late = 0, lateMs = 2000 } = this.settings;
    const delay = () => (this.#next() < late ? Math.ceil(this.#next() * lateMs) : 0);
    const first = delay();
    return this.#next() < duplicate ? [first, delay() + 25] : [first];
  }

  /** A linear congruential generator (Numerical Recipes): repeatable, and good enough for faults. */
  #next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}
