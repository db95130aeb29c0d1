import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { ROOT } from '../operator/state-folder.ts';
import type { Terminal } from '../screen/terminal.ts';
import { installSystemPackages } from './check-sandbox.ts';
import type { Finding } from './finding.ts';

/**
 * Repairs what can be repaired without losing anything: packages of npm and of the system, and the
 * mode of the state folder. The rest stays with its command.
 */
export async function repair(findings: readonly Finding[], terminal: Terminal): Promise<void> {
  const names = new Set(
    findings.filter(({ standing }) => standing === 'bad').map(({ name }) => name),
  );
  if (names.has('npm packages')) {
    terminal.remark('npm ci');
    execFileSync('npm', ['ci'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (names.has('system packages') || names.has('isolation')) {
    terminal.remark('installing system packages');
    if (!(await installSystemPackages())) terminal.remark('they could not be installed');
  }
  if (names.has('state folder')) chmodSync(terminal.state, 0o700);
}
