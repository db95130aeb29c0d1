import { fstatSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Box } from './work/box.ts';
import { BubblewrapBox } from './work/bubblewrap.ts';
import { closeInherited } from './work/close-inherited.ts';
import { requireIsolation } from './work/isolation-check.ts';
import { LauncherBox } from './work/launcher.ts';
import { makeScratchFolder } from './work/scratch-folder.ts';
import { serveLease } from './work/serve-lease.ts';

/** How long the end of the shell waits for its boxes to be gone. */
const CLOSE_MS = 500;
/** 128 + SIGTERM, as a shell says it. */
const TERMINATED = 143;

const { values } = parseArgs({ options: { box: { type: 'string' } } });
const mailboxUrl = process.env['MAILBOX_URL'];
// What the environment holds is for the shell alone.
delete process.env['MAILBOX_URL'];

closeInherited();
const scratch = makeScratchFolder(tmpdir());
const ending = new AbortController();
let box: Promise<Box> | undefined;
let lease: Promise<void> | undefined;

/** Kills the job at hand, waits a little for its box to be gone, and ends the shell. */
async function leave(code: number): Promise<never> {
  ending.abort(new Error('the shell ends'));
  await Promise.race([closeBox(), sleep(CLOSE_MS)]);
  rmSync(scratch, { recursive: true, force: true });
  process.exit(code);
}

async function closeBox(): Promise<void> {
  await lease?.catch(() => undefined);
  const opened = await box?.catch(() => undefined);
  await opened?.close();
}

async function openBox(): Promise<Box> {
  box = values.box === 'launcher' ? openLauncher() : BubblewrapBox.open({ scratch });
  await requireIsolation(await box, scratch, join(scratch, 'filter.bpf'));
  return box;
}

async function openLauncher(): Promise<Box> {
  return new LauncherBox({ scratch });
}

/** True where someone holds the other end; a container without a console has /dev/null. */
function isHeld(descriptor: number): boolean {
  const stat = fstatSync(descriptor);
  return stat.isFIFO() || stat.isSocket();
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.once(signal, () => void leave(TERMINATED));
}
if (isHeld(0)) {
  process.stdin.resume();
  process.stdin.once('close', () => void leave(TERMINATED));
}

if (mailboxUrl === undefined || (values.box !== 'bubblewrap' && values.box !== 'launcher')) {
  console.error('usage: MAILBOX_URL=<url> node main.cjs --box bubblewrap|launcher');
  void leave(2);
} else {
  lease = serveLease({ mailboxUrl, openBox, scratch, signal: ending.signal });
  lease.then(
    () => leave(0),
    (error: unknown) => {
      // Whoever ended the lease has said with which code.
      if (ending.signal.aborted) return;
      console.error(error instanceof Error ? error.message : error);
      return leave(1);
    },
  );
}
