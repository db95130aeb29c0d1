import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { JobLimits } from '../contract.ts';
import { BubblewrapBox } from './bubblewrap.ts';
import { SandboxUnavailableError, type Box } from './box.ts';
import { makePipes } from './output-pipe.ts';
import { notStarted, runJob, type Outcome } from './run-job.ts';
import { makeJobFolder, makeScratchFolder } from './scratch-folder.ts';

/** Whether code can be kept in; if not, why, and the one command that repairs the machine. */
export type Isolation =
  | { readonly isIsolated: true }
  | { readonly isIsolated: false; readonly reason: string; readonly repair: string | null };

/** A number that no job has: jobs are counted from 1. */
const TRIAL = 0;

/** Tries the ways out; prints the names of those that are open, and last that it came to its end. */
const TRIAL_CODE = `
import os, socket, sys
def opens(family, kind=socket.SOCK_STREAM):
    try: socket.socket(family, kind).close()
    except OSError: return False
    return True
status = dict(line.split()[:2] for line in open("/proc/self/status") if len(line.split()) > 1)
found = {
  "network sockets": opens(socket.AF_INET) or opens(socket.AF_INET6),
  "netlink": opens(socket.AF_NETLINK, socket.SOCK_RAW),
  "virtual machine sockets": opens(40),
  "capabilities": int(status["CapEff:"], 16) != 0 or int(status["CapPrm:"], 16) != 0,
  "new privileges": status["NoNewPrivs:"] != "1",
  "unfiltered system calls": status["Seccomp:"] != "2",
  "the rights of root": os.getuid() == 0,
  "files of the machine": os.path.exists(sys.argv[1]),
}
try:
    found["the environment of its parent"] = b"MAILBOX" in open("/proc/1/environ", "rb").read()
except OSError: pass
try:
    open("/usr/mirai-trial", "w"); found["writing to the system"] = True
except OSError: pass
print(", ".join(name for name in found if found[name]))
print("tried")
`;

/**
 * Opens the box of this machine and has code try to get out of it.
 *
 * @param folder a folder of this machine that code must not see
 */
export async function checkIsolation(folder: string = process.cwd()): Promise<Isolation> {
  const scratch = makeScratchFolder(tmpdir());
  try {
    const box = await BubblewrapBox.open({ scratch });
    try {
      await requireIsolation(box, scratch, folder);
    } finally {
      await box.close();
    }
    return { isIsolated: true };
  } catch (error) {
    const { reason, repair } = notStarted(error).error ?? { reason: '', repair: null };
    return { isIsolated: false, reason, repair };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Has code try to get out of a box.
 *
 * @throws SandboxUnavailableError naming the ways that are open, or why nothing runs
 */
export async function requireIsolation(box: Box, scratch: string, hidden: string): Promise<void> {
  const folder = makeJobFolder(scratch, TRIAL);
  try {
    await makePipes(folder);
    const job = {
      language: 'python' as const,
      code: TRIAL_CODE,
      args: [hidden],
      stdin: '',
      limits: JobLimits.parse({ seconds: 10 }),
      collect: [],
    };
    const cancel = new AbortController().signal;
    const outcome = await runJob({ box, job, number: TRIAL, files: [], folder, cancel });
    judge(outcome);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge({ status, exitCode, error, stdout, stderr }: Outcome): void {
  if (error) throw new SandboxUnavailableError(error.reason, error.repair);
  const [open = '', end] = stdout.bytes.toString('utf8').split('\n');
  if (status !== 'exited' || exitCode !== 0 || end !== 'tried') {
    const said = stderr.bytes.toString('utf8').trim().split('\n').at(-1) ?? '';
    throw new SandboxUnavailableError(`a first program in the box failed (${status}): ${said}`);
  }
  if (open !== '') throw new SandboxUnavailableError(`code in the box can reach: ${open}`);
}

async function report(): Promise<void> {
  const isolation = await checkIsolation();
  if (isolation.isIsolated) {
    console.log('code in the sandbox cannot get out');
    return;
  }
  const { reason, repair } = isolation;
  console.log(repair === null ? reason : `${reason}; repair: ${repair}`);
  process.exitCode = 1;
}

if (import.meta.filename !== undefined && import.meta.filename === process.argv[1]) void report();
