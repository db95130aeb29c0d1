import type { Mapping, MappingStore } from './mapping-store.ts';
import { QueuePoller, type PollerParts } from './queue-poller.ts';

/** The pollers of all enabled mappings. */
export class EventSources {
  readonly #mappings: MappingStore;
  readonly #parts: PollerParts;
  readonly #pollers = new Map<string, QueuePoller>();
  #isStarted = false;

  constructor(mappings: MappingStore, parts: PollerParts) {
    this.#mappings = mappings;
    this.#parts = parts;
  }

  start(): void {
    this.#isStarted = true;
    for (const mapping of this.#mappings.all()) this.follow(mapping);
  }

  stop(): void {
    this.#isStarted = false;
    for (const poller of this.#pollers.values()) poller.stop();
    this.#pollers.clear();
  }

  /** Polls as the mapping says from now on; batches at hand finish as before. */
  follow(mapping: Mapping): void {
    this.forget(mapping.uuid);
    if (!this.#isStarted || !mapping.enabled) return;
    this.#pollers.set(mapping.uuid, new QueuePoller(this.#parts, mapping));
  }

  forget(uuid: string): void {
    this.#pollers.get(uuid)?.stop();
    this.#pollers.delete(uuid);
  }

  lastResult(uuid: string): string {
    return this.#pollers.get(uuid)?.lastResult ?? 'No records processed';
  }
}
