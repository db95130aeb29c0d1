import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandboxUnavailableError, type Box, type BoxRequest, type BoxUse } from './box.ts';
import { INNER_NODE } from './bubblewrap-arguments.ts';
import { containerUsage } from './container-usage.ts';
import { FILES_FD, initScript, REPORT_FD } from './init-script.ts';
import { languageStart } from './languages.ts';
import { filterBytes, ownArchitecture } from './seccomp.ts';
import { writeArchive } from './tar-writer.ts';

/** Where the image has it. */
const LAUNCHER = '/usr/local/libexec/sbx-exec';
const FILTER_FD = 4;
/** The first job runs as the user id after this one; the launcher refuses lower ones. */
const UIDS_AFTER = 60_000;
/** Processes of the box beside the code's own. */
const OWN_PROCESSES = 3;
const OPEN_FILES = 1024;
const MIB = 1024 * 1024;
/** Node counts 575 MiB of data at its start, most of it reserved for compiled code and never used. */
const NODE_DATA_MB = 640;
/** Wipes what a job could write to, with the job's own rights. */
const WIPE = 'find /workspace /tmp /dev/shm -mindepth 1 -user "$(id -u)" -delete 2>/dev/null';
/** How long the wiping of a workspace may take. */
const WIPE_MS = 10_000;

export interface LauncherOptions {
  /** The shell's own folder. */
  readonly scratch: string;
  /** @default where the image has it */
  readonly launcher?: string;
}

/**
 * The box of the container image, where no process may make a namespace or a control group: each
 * job has a user id of its own, resource limits, and the same system call filter as on a laptop. The
 * container around it is the wall; it is leased by one run.
 *
 * Memory is limited per process (`RLIMIT_DATA`), which a program sees as its own failed allocation,
 * and by the container's limit for all of them together.
 */
export class LauncherBox implements Box {
  readonly name = 'launcher';
  readonly #launcher: string;
  readonly #filter: string;
  readonly #releases = new Set<Promise<void>>();

  /** @throws SandboxUnavailableError outside the image */
  constructor({ scratch, launcher = LAUNCHER }: LauncherOptions) {
    if (!existsSync(launcher)) {
      throw new SandboxUnavailableError(`${launcher}, which the sandbox image has, is missing`);
    }
    this.#launcher = launcher;
    this.#filter = join(scratch, 'filter.bpf');
    writeFileSync(this.#filter, filterBytes(ownArchitecture()));
  }

  async prepare(request: BoxRequest): Promise<BoxUse> {
    // Two jobs never share a workspace: the next one begins when the last one's is empty.
    await Promise.all(this.#releases);
    const { language, code, args, limits } = request.job;
    const uid = UIDS_AFTER + request.number;
    const start = languageStart(language, INNER_NODE);
    const archive = join(request.folder, 'files.tar');
    const files = request.files.map(({ path, source }) => ({
      path,
      content: readFileSync(source),
    }));
    writeFileSync(
      archive,
      writeArchive([...files, { path: start.file, content: Buffer.from(code) }]),
    );
    const fds = [openSync(this.#filter, 'r'), openSync(archive, 'r')];
    const stdio: (number | 'pipe')[] = [request.stdinFd, request.stdoutFd, request.stderrFd];
    stdio[REPORT_FD] = 'pipe';
    [stdio[FILTER_FD], stdio[FILES_FD]] = fds as [number, number];
    const before = containerUsage();
    return {
      start: {
        command: this.#launcher,
        args: [
          ...this.#arguments(uid, language === 'javascript' ? withNode(limits) : limits),
          ...['/bin/sh', '-c', initScript(true), 'box'],
          ...[...start.command, `/workspace/${start.file}`, ...args],
        ],
        stdio,
        fds,
      },
      usage: () => difference(before, containerUsage()),
      kill: () => void this.#kill(uid),
      release: () => this.#release(uid),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#releases);
  }

  #arguments(
    uid: number,
    limits: { readonly pids: number; readonly workspace_bytes: number; readonly memory_mb: number },
  ): string[] {
    return [
      ...['--uid', String(uid), '--filter', String(FILTER_FD)],
      ...['--nproc', String(limits.pids + OWN_PROCESSES), '--nofile', String(OPEN_FILES)],
      ...[
        '--fsize',
        String(limits.workspace_bytes),
        '--data',
        String(limits.memory_mb * MIB),
        '--',
      ],
    ];
  }

  async #kill(uid: number): Promise<void> {
    await once(
      spawn(this.#launcher, ['--uid', String(uid), '--kill'], { stdio: 'ignore', env: {} }),
      'exit',
    );
  }

  async #release(uid: number): Promise<void> {
    const release = this.#kill(uid).then(() => this.#wipe(uid));
    this.#releases.add(release);
    await release;
    this.#releases.delete(release);
  }

  async #wipe(uid: number): Promise<void> {
    const limits = { pids: 8, workspace_bytes: MIB, memory_mb: 64 };
    const filter = openSync(this.#filter, 'r');
    const child = spawn(this.#launcher, [...this.#arguments(uid, limits), '/bin/sh', '-c', WIPE], {
      stdio: ['ignore', 'ignore', 'ignore', 'ignore', filter],
      env: {},
      timeout: WIPE_MS,
    });
    closeSync(filter);
    await once(child, 'exit');
  }
}

/** The container's own limit is what holds a program on Node. */
const withNode = (limits: BoxRequest['job']['limits']) => ({
  ...limits,
  memory_mb: limits.memory_mb + NODE_DATA_MB,
});

const difference = (
  before: ReturnType<typeof containerUsage>,
  after: ReturnType<typeof containerUsage>,
) => ({
  cpuMs: after.cpuMs - before.cpuMs,
  memoryPeakBytes: after.memoryPeakBytes,
  oomKills: after.oomKills - before.oomKills,
});
