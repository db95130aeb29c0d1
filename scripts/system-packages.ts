import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program that Mirai needs from the system, and the Debian package that brings it. */
const NEEDED = [
  { program: 'bwrap', package: 'bubblewrap' },
  { program: 'python3', package: 'python3' },
] as const;

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'];

/** The packages whose programs are not there. */
export function missingPackages(): string[] {
  return NEEDED.filter(
    ({ program }) => !FOLDERS.some((folder) => existsSync(`${folder}/${program}`)),
  ).map((needed) => needed.package);
}

/** The command that installs them. */
export const installCommand = (packages: readonly string[]): string =>
  `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;

/**
 * Installs what is missing where this may be done without asking: as root, or with a sudo that needs
 * no password. Says so in one line.
 *
 * @returns what is still missing
 */
export function installSystemPackages(say: (line: string) => void): string[] {
  const missing = missingPackages();
  if (missing.length === 0) return [];
  const command = installCommand(missing);
  const isRoot = process.getuid?.() === 0;
  const sudo = !isRoot && spawnSync('sudo', ['-n', 'true']).status === 0;
  if (!existsSync('/usr/bin/apt-get') || (!isRoot && !sudo)) {
    say(`Missing: ${missing.join(', ')}. Install with:  sudo sh -c '${command}'`);
    return missing;
  }
  say(`Installing ${missing.join(' and ')} (${command})`);
  const [program, ...args] = isRoot ? ['sh', '-c', command] : ['sudo', '-n', 'sh', '-c', command];
  const { status, stderr } = spawnSync(program ?? 'sh', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
  });
  if (status !== 0) say(`That failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return missingPackages();
}

if (import.meta.filename === process.argv[1]) {
  const missing = installSystemPackages((line) => console.log(line));
  if (missing.length > 0) process.exitCode = 1;
}
