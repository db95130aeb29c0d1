import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { JobLimits } from '../contract.ts';
import type { BoxFolder } from './box-folder.ts';

/** The user and group that code sees itself as. */
export const INNER_UID = 65534;

/** Where JavaScript's Node is in the box, as in the container image. */
export const INNER_NODE = '/usr/local/bin/node';

const MIB = 1024 * 1024;

/** How the system's folders lie at the root of this machine. */
export interface RootLayout {
  /** Links such as `bin` to `usr/bin`. */
  readonly links: Readonly<Record<string, string>>;
  /** Real folders, on systems without a merged `/usr`. */
  readonly folders: readonly string[];
  /** Files and folders of `/etc` that programs of `/usr` need to find each other. */
  readonly etc: readonly string[];
}

/** Reads the layout of this machine. */
export function readRootLayout(): RootLayout {
  const links: Record<string, string> = {};
  const folders: string[] = [];
  for (const name of ['bin', 'sbin', 'lib', 'lib64', 'lib32']) {
    const stat = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) links[name] = readlinkSync(`/${name}`).replace(/^\//, '');
    else if (stat?.isDirectory()) folders.push(`/${name}`);
  }
  return {
    links,
    folders,
    etc: ['/etc/alternatives', '/etc/ld.so.cache'].filter((path) => existsSync(path)),
  };
}

/** A file that bubblewrap copies into the workspace from an open descriptor. */
export interface WorkspaceFile {
  readonly path: string;
  readonly fd: number;
}

export interface BubblewrapRequest {
  readonly layout: RootLayout;
  readonly folder: BoxFolder;
  readonly limits: Pick<JobLimits, 'workspace_bytes'>;
  readonly files: readonly WorkspaceFile[];
  readonly seccompFd: number;
  /** The first program, and its arguments. */
  readonly command: readonly string[];
}

/**
 * The arguments of bubblewrap for one job. The box sees `/usr` without `/usr/local`, read-only, an
 * `/etc` of our own, and memory file systems of fixed sizes; it has every namespace to itself, no
 * capability, no way to make a further namespace, and no network device but its own loopback.
 *
 * The first program runs as process 1 of the box: a process 1 of bubblewrap's own would stand
 * outside the system call filter, and its memory is open to the code, which has the same user id.
 */
export function bubblewrapArguments(request: BubblewrapRequest): string[] {
  const { layout, folder, limits, files, seccompFd, command } = request;
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup'],
    ...['--unshare-net', '--disable-userns', '--uid', `${INNER_UID}`, '--gid', `${INNER_UID}`],
    ...[
      '--hostname',
      'sandbox',
      '--die-with-parent',
      '--new-session',
      '--as-pid-1',
      '--cap-drop',
      'ALL',
    ],
    ...['--clearenv', '--setenv', 'PATH', '/usr/local/bin:/usr/bin:/bin'],
    ...['--setenv', 'HOME', '/tmp', '--setenv', 'LANG', 'C.UTF-8'],
    ...['--ro-bind', '/usr', '/usr', ...memory(4096, '/usr/local')],
    ...['--ro-bind', folder.node, INNER_NODE, '--remount-ro', '/usr/local'],
    ...Object.entries(layout.links).flatMap(([name, to]) => ['--symlink', to, `/${name}`]),
    ...layout.folders.flatMap((path) => ['--ro-bind', path, path]),
    ...[
      '--ro-bind',
      folder.etc,
      '/etc',
      ...layout.etc.flatMap((path) => ['--ro-bind', path, path]),
    ],
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      ...memory(MIB, '/dev/shm'),
      ...memory(64 * MIB, '/tmp'),
    ],
    ...[
      '--size',
      String(limits.workspace_bytes),
      '--tmpfs',
      '/workspace',
      '--dir',
      '/workspace/out',
    ],
    ...files.flatMap(({ path, fd }) => [
      '--perms',
      '0644',
      '--file',
      String(fd),
      `/workspace/${path}`,
    ]),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/workspace'],
    ...['--seccomp', String(seccompFd), '--', ...command],
  ];
}

function memory(bytes: number, path: string): string[] {
  return ['--size', String(bytes), '--tmpfs', path];
}
