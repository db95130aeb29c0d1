import type { Box } from './box.ts';
import { carryOutJob } from './carry-out-job.ts';
import { pollMailbox } from './poll-mailbox.ts';

/** How long a lease waits for a job when no job has said otherwise. */
const LEAVE_AFTER_SECONDS = 60;

export interface LeaseRequest {
  /** Presigned GET of the first job. */
  readonly mailboxUrl: string;
  /** Gives the box once it is known to isolate; called once. */
  readonly openBox: () => Promise<Box>;
  /** The shell's own folder. */
  readonly scratch: string;
  /** Ends the lease at once. */
  readonly signal: AbortSignal;
}

/**
 * Works for one lease: takes one job after the other from its mailbox, until it is told to leave or
 * has waited long enough. The box is opened while the mailbox is looked at.
 *
 * @throws the signal's reason, or the error of an upload that cannot be made
 */
export async function serveLease(request: LeaseRequest): Promise<void> {
  const { openBox, scratch, signal } = request;
  const opening = openBox();
  // Whoever takes a job is told; without a job nobody is.
  opening.catch(() => undefined);
  let url = request.mailboxUrl;
  let idleSeconds = LEAVE_AFTER_SECONDS;
  for (let number = 1; ; number += 1) {
    const document = await pollMailbox(url, idleSeconds, signal);
    if (!document || document.kind === 'leave') return;
    await carryOutJob({ job: document, number, box: () => opening, scratch, signal });
    if (document.next_url === undefined) return;
    url = document.next_url;
    idleSeconds = document.leave_after_seconds ?? LEAVE_AFTER_SECONDS;
  }
}
