import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleShell } from './lease-cloud.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Why this machine cannot stand in for the sandbox image, or undefined when it can. */
export const noLauncher =
  process.getuid?.() !== 0
    ? 'only root can stand in for a container'
    : ['/usr/bin/gcc', '/usr/bin/bwrap', '/usr/bin/python3'].find((path) => !existsSync(path));

/**
 * Makes an image folder whose program runs the shell with the launcher, in a root like that of the
 * container: read-only, with /tmp and /workspace, and the two capabilities that the launcher has.
 */
export async function launcherImage(folder: string): Promise<void> {
  const app = join(folder, 'app');
  mkdirSync(app, { recursive: true });
  await bundleShell(app);
  const launcher = join(folder, 'sbx-exec');
  const source = join(ROOT, 'containers', 'sandbox', 'launcher', 'sbx-exec.c');
  execFileSync('/usr/bin/gcc', ['-static', '-Os', '-o', launcher, source]);
  const root = [
    ...['--unshare-pid', '--die-with-parent', '--proc', '/proc', '--dev', '/dev'],
    ...['--ro-bind', '/usr', '/usr', '--ro-bind', '/etc', '/etc'],
    ...['bin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...['--tmpfs', '/usr/local', '--perms', '755', '--dir', '/usr/local/bin'],
    ...['--ro-bind', process.execPath, '/usr/local/bin/node'],
    ...['--ro-bind', launcher, '/usr/local/libexec/sbx-exec', '--ro-bind', app, '/app'],
    ...['--perms', '1777', '--tmpfs', '/tmp', '--perms', '1777', '--tmpfs', '/workspace'],
    ...[
      '--remount-ro',
      '/',
      '--chdir',
      '/app',
      '--cap-add',
      'CAP_SETUID',
      '--cap-add',
      'CAP_SETGID',
    ],
  ];
  const command = [...root, '--', '/usr/local/bin/node', 'main.cjs', '--box', 'launcher'];
  writeFileSync(
    join(folder, 'main.cjs'),
    `const { spawn } = require('node:child_process');
spawn('/usr/bin/bwrap', ${JSON.stringify(command)}, { stdio: 'inherit' })
  .once('exit', (code) => process.exit(code ?? 1));
`,
  );
}
