import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './bundle.ts';
import { installSystemPackages } from './system-packages.ts';

if (installSystemPackages((line) => console.log(line)).length > 0) process.exit(1);
process.exit(runJest(process.argv.slice(2)));

/** Runs jest in its ESM mode, one worker a core at most two. @returns its exit code */
export function runJest(args: readonly string[]): number {
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...args,
    ],
    { cwd: root, stdio: 'inherit' },
  );
  return status ?? 1;
}
