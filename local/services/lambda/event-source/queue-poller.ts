import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Principal } from '#local/kernel/service.ts';
import type { FunctionStore } from '../function-store.ts';
import type { Invoker } from '../invoker.ts';
import type { ProcessFleet } from '../runtime/process-fleet.ts';
import { failedMessages } from './failed-messages.ts';
import type { Mapping } from './mapping-store.ts';
import { queueUrl } from './queue-url.ts';
import { sqsEvents, type ReceivedMessage, type SqsEvent } from './sqs-record.ts';

/** Batches of one mapping that are at work at once; AWS begins with 5 pollers and grows. */
const MOST_BATCHES = 4;
/** ReceiveMessage and DeleteMessageBatch take at most this many. */
const RECEIVE_AT_MOST = 10;
/** Looks even when no wake-up came, in milliseconds. */
const SAFETY_POLL_MS = 5000;

export interface PollerParts {
  readonly cloud: Cloud;
  readonly store: FunctionStore;
  readonly invoker: Invoker;
  readonly fleet: ProcessFleet;
}

/**
 * Gives the messages of a queue to a function, with the permissions of the function's role. What the
 * function handles is deleted; the rest comes back when its visibility timeout ends.
 */
export class QueuePoller {
  /** As `LastProcessingResult` tells it. */
  lastResult = 'No records processed';
  readonly #parts: PollerParts;
  readonly #mapping: Mapping;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;
  #batches = 0;
  #isReceiving = false;
  #isWoken = false;

  constructor(parts: PollerParts, mapping: Mapping) {
    this.#parts = parts;
    this.#mapping = mapping;
    this.#unsubscribe = parts.cloud.onWake(`sqs:${mapping.queueArn}`, () => void this.#receive());
    this.#timer = setInterval(() => void this.#receive(), SAFETY_POLL_MS).unref();
    void this.#receive();
  }

  stop(): void {
    this.#stopping.abort();
    this.#unsubscribe();
    clearInterval(this.#timer);
  }

  /** Takes batches while there are messages and places; one loop at a time. */
  async #receive(): Promise<void> {
    this.#isWoken = true;
    if (this.#isReceiving) return;
    this.#isReceiving = true;
    try {
      while (this.#isWoken && !this.#stopping.signal.aborted) {
        this.#isWoken = false;
        while (this.#batches < this.#mostBatches()) {
          const messages = await this.#gather();
          if (messages.length === 0) break;
          this.#batches += 1;
          void this.#handle(messages);
        }
      }
    } catch (error) {
      this.#problem(error);
    } finally {
      this.#isReceiving = false;
    }
  }

  #mostBatches(): number {
    if (this.#stopping.signal.aborted) return 0;
    const { store, fleet } = this.#parts;
    const { functionName, maximumConcurrency = MOST_BATCHES } = this.#mapping;
    const { reservedConcurrency } = store.get(functionName);
    return Math.min(MOST_BATCHES, maximumConcurrency, fleet.parallelism(reservedConcurrency));
  }

  /** The messages of one batch: what is there, and what comes within the batching window. */
  async #gather(): Promise<ReceivedMessage[]> {
    const { batchSize, windowSeconds } = this.#mapping;
    const messages = await this.#take(batchSize);
    if (messages.length === 0) return messages;
    const endsAt = performance.now() + windowSeconds * 1000;
    while (messages.length < batchSize && !this.#stopping.signal.aborted) {
      const left = endsAt - performance.now();
      if (left <= 0 || !(await this.#woken(left))) break;
      messages.push(...(await this.#take(batchSize - messages.length)));
    }
    return messages;
  }

  /** Waits for a wake-up. @returns false when none came in time */
  async #woken(ms: number): Promise<boolean> {
    const came = new AbortController();
    const { cloud } = this.#parts;
    const unsubscribe = cloud.onWake(`sqs:${this.#mapping.queueArn}`, () => came.abort());
    const signal = AbortSignal.any([came.signal, this.#stopping.signal]);
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    unsubscribe();
    return came.signal.aborted;
  }

  /** What the queue gives at once, up to `most` messages. */
  async #take(most: number): Promise<ReceivedMessage[]> {
    const taken: ReceivedMessage[] = [];
    while (taken.length < most && !this.#stopping.signal.aborted) {
      const { Messages = [] } = await this.#sqs<{ Messages?: ReceivedMessage[] }>(
        'ReceiveMessage',
        {
          MaxNumberOfMessages: Math.min(most - taken.length, RECEIVE_AT_MOST),
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        },
      );
      if (Messages.length === 0) break;
      taken.push(...Messages);
    }
    return taken;
  }

  async #handle(messages: readonly ReceivedMessage[]): Promise<void> {
    try {
      for (const event of sqsEvents(messages, this.#mapping.queueArn)) await this.#invoke(event);
    } catch (error) {
      this.#problem(error);
    } finally {
      this.#batches -= 1;
      void this.#receive();
    }
  }

  async #invoke({ messages, payload }: SqsEvent): Promise<void> {
    const { functionName: name, qualifier, reportsFailures } = this.#mapping;
    const { result } = await this.#parts.invoker.invoke({
      reference: { name, qualifier },
      payload,
      requestId: crypto.randomUUID(),
    });
    if (result.failed) {
      this.lastResult = 'PROBLEM: Function call failed';
      return;
    }
    const failed = reportsFailures
      ? failedMessages(
          result.payload,
          messages.map(({ MessageId }) => MessageId),
        )
      : new Set<string>();
    await this.#delete(messages.filter(({ MessageId }) => !failed.has(MessageId)));
    this.lastResult = failed.size > 0 ? 'PROBLEM: Function call failed' : 'OK';
  }

  async #delete(messages: readonly ReceivedMessage[]): Promise<void> {
    for (let at = 0; at < messages.length; at += RECEIVE_AT_MOST) {
      const some = messages.slice(at, at + RECEIVE_AT_MOST);
      await this.#sqs('DeleteMessageBatch', {
        Entries: some.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      });
    }
  }

  #sqs<Output>(action: string, input: Record<string, unknown>): Promise<Output> {
    const { cloud, store } = this.#parts;
    const { queueArn, functionName: name, qualifier } = this.#mapping;
    const { settings } = store.revision({ name, qualifier });
    return cloud.call<Output>({
      service: 'sqs',
      action,
      input: { QueueUrl: queueUrl(queueArn), ...input },
      principal: pollerPrincipal(settings.role),
    });
  }

  /** Tells of each new problem once; the messages stay in the queue. */
  #problem(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const text = error instanceof AwsError ? `${error.code}: ${error.message}` : String(error);
    const result = `PROBLEM: ${text}`;
    if (result !== this.lastResult) {
      console.error(
        `event source ${this.#mapping.queueArn} of ${this.#mapping.functionName}`,
        text,
      );
    }
    this.lastResult = result;
  }
}

/** The function's role, as the poller of its event sources assumes it. */
export const pollerPrincipal = (roleArn: string): Principal => ({
  kind: 'role',
  roleArn,
  sessionName: 'event-source-mapping',
  tags: {},
});
