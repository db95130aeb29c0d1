import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../operator/state-folder.ts';
import { bad, good, type Finding } from './finding.ts';

/** What the sandbox needs of the machine: a command and the Debian package that has it. */
const NEEDED = [
  ['bwrap', 'bubblewrap'],
  ['python3', 'python3'],
] as const;

const isRoot = process.getuid?.() === 0;
const asRoot = (command: string): string => (isRoot ? command : `sudo ${command}`);

/** @param path the value of PATH */
export function checkSystemPackages(path: string): Finding {
  const missing = NEEDED.filter(([command]) => !isInPath(command, path)).map(([, name]) => name);
  return missing.length === 0
    ? good('system packages', NEEDED.map(([, name]) => name).join(', '))
    : bad(
        'system packages',
        `missing: ${missing.join(', ')}`,
        asRoot(`apt-get install -y ${missing.join(' ')}`),
      );
}

function isInPath(command: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs code in the box and looks whether it can get out. */
export async function checkIsolation(): Promise<Finding[]> {
  const program = join(ROOT, 'containers', 'sandbox', 'work', 'isolation-check.ts');
  if (!existsSync(program)) return [];
  const { code, said } = await runProgram(program);
  const last = said.trim().split('\n').at(-1) ?? '';
  return code === 0
    ? [good('isolation', 'code in the sandbox cannot get out')]
    : [bad('isolation', last || `the check ended with ${code}`, 'mirai doctor --fix')];
}

/** Installs the system packages where this user may; false when it may not or fails. */
export async function installSystemPackages(): Promise<boolean> {
  return (await runProgram(join(ROOT, 'scripts', 'system-packages.ts'))).code === 0;
}

async function runProgram(program: string): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [program], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, said: Buffer.concat(said).toString('utf8') };
}
