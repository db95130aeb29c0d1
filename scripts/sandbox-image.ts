import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, root } from './bundle.ts';

/** A Debian without packages, and the Node of this project, as images that need no registry. */
const BASE = 'localhost/mirai-base:bookworm';
const NODE = `localhost/mirai-node:${process.versions.node}`;

const TOOLS = ['podman', 'buildah', 'runc', 'mmdebstrap', 'catatonit'];

/** The name that the sandbox's image has, as its sources now stand. */
export async function sandboxImage(): Promise<string> {
  const { containers } = await bundle();
  return `localhost/mirai-sandbox:${containers['sandbox']?.slice(0, 16)}`;
}

/** True when an image of this name was built on this machine. */
export function isBuilt(image: string): boolean {
  return succeeds('podman', ['image', 'exists', image]);
}

/** Why this machine cannot build the image, or undefined. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can';
  if (!existsSync('/usr/bin/apt-get')) return 'this is no Debian';
  const missing = TOOLS.filter((tool) => !succeeds('which', [tool]));
  if (missing.length === 0) return undefined;
  run('apt-get', ['update', '-qq']);
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing];
  return succeeds('apt-get', install) ? undefined : `${missing.join(', ')} cannot be installed`;
}

/** Builds the image with buildah, without Docker and without a registry. */
function build(image: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'mirai-image-'));
  try {
    if (!isBuilt(BASE)) {
      const archive = join(folder, 'base.tar');
      const base = ['--variant=minbase', '--include=ca-certificates', 'bookworm', archive];
      run('mmdebstrap', ['--quiet', ...base]);
      run('podman', ['import', '--quiet', archive, BASE]);
    }
    if (!isBuilt(NODE)) {
      mkdirSync(join(folder, 'usr/local/bin'), { recursive: true });
      copyFileSync(process.execPath, join(folder, 'usr/local/bin/node'));
      const archive = join(folder, 'node.tar');
      run('tar', ['--create', '--file', archive, '--directory', folder, 'usr']);
      run('podman', ['import', '--quiet', archive, NODE]);
    }
    run('buildah', [
      ...['bud', '--quiet', '--isolation=chroot', '--tag', image],
      ...['--build-arg', `BASE=${BASE}`, '--build-arg', `NODE=${NODE}`],
      join(root, 'build', 'containers', 'sandbox'),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

if (import.meta.filename === process.argv[1]) {
  const reason = obstacle();
  if (reason !== undefined) {
    console.log(`the sandbox's image is not built here: ${reason}`);
  } else {
    const image = await sandboxImage();
    if (!isBuilt(image)) build(image);
    console.log(`the sandbox's image is ${image}`);
  }
}
