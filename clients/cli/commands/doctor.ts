import type { Command } from '../command.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT } from '../exit-codes.ts';
import { inkOf, type Ink } from '../screen/ink.ts';
import { tableOf } from '../screen/table.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'look whether everything is there that the platform needs',
  details: [
    'Each finding comes with the one command that repairs it. Ends with 1 when something is wrong.',
  ],
  flags: { fix: { type: 'boolean', help: 'install what is missing' } },
  async run(typed, terminal) {
    const { examine } = await import('../doctor/examine.ts');
    let findings = await examine(terminal);
    if (typed.has('fix') && findings.some(isBad)) {
      const { repair } = await import('../doctor/repair.ts');
      await repair(findings, terminal);
      findings = await examine(terminal);
    }
    const isHealthy = !findings.some(isBad);
    if (terminal.json) terminal.print({ healthy: isHealthy, findings });
    for (const line of showFindings(findings, inkOf(terminal))) terminal.say(line);
    return isHealthy ? EXIT.ok : EXIT.failed;
  },
};

const isBad = ({ standing }: Finding): boolean => standing === 'bad';

function showFindings(findings: readonly Finding[], ink: Ink): string[] {
  const marks = { good: ink.green('✓'), bad: ink.red('✗'), note: ink.dim('·') };
  const rows = tableOf(
    findings.map(({ name, standing, detail }) => [`${marks[standing]} ${name}`, detail]),
  );
  return findings.flatMap(({ repair }, i) => [
    rows[i] ?? '',
    ...(repair === undefined ? [] : [`    ${ink.yellow(repair)}`]),
  ]);
}
