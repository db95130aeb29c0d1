import { setTimeout as sleep } from 'node:timers/promises';
import { MailboxDocument } from '../contract.ts';

/** Times between two looks at a mailbox: quick at first, as a job is expected, then slower. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 1000;
const PAUSE_GROWTH = 1.25;
/** A look that takes longer is given up and done again. */
const LOOK_MS = 10_000;

/** What a look at a mailbox showed. */
type Look =
  | { readonly kind: 'document'; readonly document: MailboxDocument }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'expired' };

/**
 * Waits for a mailbox object and reads it.
 *
 * @param url presigned GET; an object that is not there yet answers 404, or 403 to a signer that may
 *   not list the bucket
 * @param idleSeconds how long to wait at most
 * @returns undefined when nothing came in time, or when the URL has expired
 * @throws the signal's reason when it is aborted
 */
export async function pollMailbox(
  url: string,
  idleSeconds: number,
  signal: AbortSignal,
): Promise<MailboxDocument | undefined> {
  const until = performance.now() + idleSeconds * 1000;
  const mailbox = new Mailbox(url, signal);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LAST_PAUSE_MS, pause * PAUSE_GROWTH)) {
    const look = await mailbox.look();
    if (look.kind === 'document') return look.document;
    const left = until - performance.now();
    if (look.kind === 'expired' || left <= 0) return undefined;
    await sleep(Math.min(pause, left), undefined, { signal });
  }
}

class Mailbox {
  readonly #url: string;
  readonly #signal: AbortSignal;
  /** Of the last object that was no job, so that only a changed one is sent again. */
  #etag: string | undefined;

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  async look(): Promise<Look> {
    try {
      const headers: Record<string, string> = this.#etag ? { 'if-none-match': this.#etag } : {};
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(LOOK_MS)]);
      const response = await fetch(this.#url, { headers, signal, redirect: 'error' });
      const text = await response.text();
      if (response.status === 403 && isExpired(text)) return { kind: 'expired' };
      return response.status === 200 ? this.#read(text, response) : { kind: 'nothing' };
    } catch {
      this.#signal.throwIfAborted();
      return { kind: 'nothing' };
    }
  }

  #read(text: string, response: Response): Look {
    this.#etag = response.headers.get('etag') ?? undefined;
    try {
      return { kind: 'document', document: MailboxDocument.parse(JSON.parse(text)) };
    } catch (error) {
      console.error('the mailbox holds no job that is understood:', String(error).slice(0, 2000));
      return { kind: 'nothing' };
    }
  }
}

/** S3 says so of a presigned URL whose time, or whose signer's session, is over. */
const isExpired = (body: string): boolean =>
  body.includes('Request has expired') || body.includes('ExpiredToken');
