import { existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../contract.ts';
import { bubblewrapArguments, INNER_NODE, readRootLayout } from './bubblewrap-arguments.ts';
import { ensureBoxFolder, type BoxFolder } from './box-folder.ts';
import {
  SandboxUnavailableError,
  type Box,
  type BoxRequest,
  type BoxUse,
  type PlacedFile,
} from './box.ts';
import { Group, sweepGroups, type GroupBase } from './cgroup.ts';
import { findGroups } from './find-groups.ts';
import { initScript } from './init-script.ts';
import { languageStart } from './languages.ts';
import { takeUid, type OwnUid } from './own-uid.ts';
import { ownName } from './process-identity.ts';
import { filterBytes, ownArchitecture } from './seccomp.ts';

const BWRAP = '/usr/bin/bwrap';
const SETPRIV = '/usr/bin/setpriv';
const PRLIMIT = '/usr/bin/prlimit';

/** Processes of the box beside the code's own: bubblewrap and the first program, with one to spare. */
const OWN_PROCESSES = 3;
/** Descriptors that a job may have open at once. */
const OPEN_FILES = 1024;
const LOCKED_MEMORY_BYTES = 64 * 1024;
const MIB = 1024 * 1024;

/** Puts the process into its groups, then becomes the program after `--`. */
const JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 70; shift; done; shift; exec "$@"';

export interface BubblewrapOptions {
  /** The shell's own folder. */
  readonly scratch: string;
  /** World-readable, outlives processes. @default '/var/tmp' */
  readonly shared?: string;
  /** @default the Node that runs this */
  readonly node?: string;
  /** Cores' worth of time a job. @default 1 */
  readonly cpus?: number;
}

/**
 * The box of a laptop: bubblewrap, started by a user id of its own, under a control group, with the
 * system call filter. `sandbox.md` has the measurements that chose it.
 */
export class BubblewrapBox implements Box {
  readonly name = 'bubblewrap';
  readonly #folder: BoxFolder;
  readonly #groups: GroupBase;
  readonly #uid: OwnUid | undefined;
  readonly #filter: string;
  readonly #layout = readRootLayout();
  readonly #cpus: number;
  readonly #releases = new Set<Promise<void>>();

  /** @throws SandboxUnavailableError when this machine cannot isolate */
  static async open(options: BubblewrapOptions): Promise<BubblewrapBox> {
    const isRoot = process.getuid?.() === 0;
    const groups = requireMachine(isRoot);
    await sweepGroups(groups);
    return new BubblewrapBox(options, groups, isRoot ? await takeUid() : undefined);
  }

  private constructor(options: BubblewrapOptions, groups: GroupBase, uid: OwnUid | undefined) {
    this.#folder = ensureBoxFolder(options.shared ?? '/var/tmp', options.node ?? process.execPath);
    this.#groups = groups;
    this.#uid = uid;
    this.#cpus = options.cpus ?? 1;
    this.#filter = join(options.scratch, 'filter.bpf');
    writeFileSync(this.#filter, filterBytes(ownArchitecture()));
  }

  async prepare(request: BoxRequest): Promise<BoxUse> {
    const { limits, language, code, args } = request.job;
    const start = languageStart(language, INNER_NODE);
    requireInterpreter(language, start.command[0] ?? '');
    const group = new Group(this.#groups, `${ownName()}-${request.number}`, {
      memoryBytes: limits.memory_mb * MIB,
      pids: limits.pids + OWN_PROCESSES,
      cpus: this.#cpus,
    });
    const source = join(request.folder, 'code');
    writeFileSync(source, code);
    const files: PlacedFile[] = [...request.files, { path: start.file, source }];
    const seccompFd = openSync(this.#filter, 'r');
    const fileFds = files.map((file) => openSync(file.source, 'r'));
    const [report, firstFd] = [3, 4];
    const inner = bubblewrapArguments({
      layout: this.#layout,
      folder: this.#folder,
      limits,
      files: files.map(({ path }, index) => ({ path, fd: firstFd + 1 + index })),
      seccompFd: firstFd,
      command: [
        ...['/bin/sh', '-c', initScript(false), 'box'],
        ...[...start.command, `/workspace/${start.file}`, ...args],
      ],
    });
    const stdio: (number | 'pipe')[] = [request.stdinFd, request.stdoutFd, request.stderrFd];
    stdio[report] = 'pipe';
    stdio.push(seccompFd, ...fileFds);
    return {
      start: {
        command: '/bin/sh',
        args: [
          '-c',
          JOIN,
          'join',
          ...group.processFiles,
          '--',
          ...this.#limited(limits),
          BWRAP,
          ...inner,
        ],
        stdio,
        fds: [seccompFd, ...fileFds],
      },
      usage: () => group.usage(),
      kill(pid) {
        if (pid !== undefined) killQuietly(pid);
        group.kill();
      },
      release: () => this.#release(group),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#releases);
    this.#uid?.release();
  }

  async #release(group: Group): Promise<void> {
    const removal = group.remove();
    this.#releases.add(removal);
    await removal;
    this.#releases.delete(removal);
  }

  /** Resource limits, and the change to a user id that owns nothing; an ordinary user keeps its own. */
  #limited(limits: Job['limits']): string[] {
    const own = [
      ...[PRLIMIT, '--core=0', `--nofile=${OPEN_FILES}`, `--fsize=${limits.workspace_bytes}`],
      ...['--msgqueue=0', `--memlock=${LOCKED_MEMORY_BYTES}`],
    ];
    if (!this.#uid) return [...own, '--'];
    const { uid } = this.#uid;
    return [
      ...[...own, `--nproc=${limits.pids + OWN_PROCESSES}`, '--', SETPRIV, `--reuid=${uid}`],
      ...[`--regid=${uid}`, '--clear-groups', '--inh-caps=-all', '--no-new-privs', '--'],
    ];
  }
}

/** What must be there before anything is tried. @throws SandboxUnavailableError with the repair */
function requireMachine(isRoot: boolean): GroupBase {
  if (process.platform !== 'linux') {
    throw new SandboxUnavailableError(
      `code runs in isolation on Linux only, and this is ${process.platform}`,
      'wsl --install',
    );
  }
  ownArchitecture();
  const missing = [
    BWRAP,
    PRLIMIT,
    ...(isRoot ? [SETPRIV] : []),
    '/bin/tar',
    '/usr/bin/mkfifo',
  ].filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new SandboxUnavailableError(
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`,
      'apt-get update && apt-get install -y bubblewrap python3 util-linux tar coreutils',
    );
  }
  const groups = findGroups();
  if (groups) return groups;
  throw new SandboxUnavailableError(
    'no control group with a memory limit can be made, so a job could use up the machine',
    isRoot
      ? 'mount -o remount,rw /sys/fs/cgroup'
      : existsSync('/sys/fs/cgroup/cgroup.controllers')
        ? 'systemd-run --user --scope --same-dir npm start'
        : 'sudo npm start',
  );
}

function requireInterpreter(language: string, path: string): void {
  if (path === INNER_NODE || existsSync(path)) return;
  throw new SandboxUnavailableError(
    `${path}, which runs ${language}, is missing`,
    `apt-get update && apt-get install -y ${language === 'python' ? 'python3' : language}`,
  );
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
