import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import { inkOf, plain } from '../screen/ink.ts';
import { showDuration, showSize, showUsd } from '../screen/quantities.ts';
import { showDecisions } from '../screen/show-decisions.ts';
import { paintStatus } from '../screen/show-run.ts';
import { tableOf } from '../screen/table.ts';
import type { Terminal } from '../screen/terminal.ts';
import { addressees, type DeliveredMail } from './mailbox.ts';
import type { DemoEnd } from './run-demo.ts';

/** 0 only when the task completed, everything is what its digest says, and exactly one mail was delivered. */
export function exitCodeOfDemo({ task, approvals, mails, altered }: DemoEnd): ExitCode {
  if (task.status !== 'COMPLETED') return exitCodeOf(task.run?.outcome?.code ?? 'task.cancelled');
  if (approvals.some(({ status }) => status !== 'granted')) return EXIT.denied;
  return mails.length === 1 && altered.length === 0 ? EXIT.ok : EXIT.unverified;
}

/** The end of the demo for a person: answer, artifacts, mail, cost, decisions, timings. */
export function showDemo(
  end: DemoEnd,
  timings: Readonly<Record<string, number>>,
  terminal: Terminal,
): string[] {
  const ink = inkOf(terminal);
  const { task, artifacts, mails, decisions, altered } = end;
  const title = (text: string) => ['', ink.bold(text)];
  const { run } = task;
  return [
    ...title('Answer'),
    ...plain(run?.answer ?? run?.outcome?.message ?? 'none').split('\n'),
    ...title('Artifacts'),
    ...tableOf(
      artifacts.map(({ name, size, sha256, made_by: maker }) => [
        `  ${plain(name)}`,
        showSize(size),
        maker === 'input' ? 'handed in' : 'made',
        ink.dim(`sha256 ${sha256}`),
      ]),
    ),
    ...altered.map((name) => ink.red(`  ${plain(name)} is not what its digest says`)),
    ...title(mails.length === 1 ? 'Mail, as delivered' : `Mails delivered: ${mails.length}`),
    ...mails.flatMap((mail) => showMail(mail, ink.dim)),
    ...title('Decisions'),
    ...showDecisions(decisions, terminal),
    ...title('Cost and time'),
    ...tableOf([
      ['  Status', paintStatus(task.status, ink)],
      ['  Cost', `${showUsd(run?.cost.usd ?? 0)}, ${run?.cost.tokens ?? 0} tokens`],
      ...Object.entries({ ...timings, ...end.timings }).map(([name, ms]) => [
        `  ${name}`,
        showDuration(ms),
      ]),
    ]),
  ];
}

function showMail(mail: DeliveredMail, dim: (text: string) => string): string[] {
  return [
    `  To: ${plain(addressees(mail))}`,
    `  Subject: ${plain(mail.subject)}`,
    ...mail.attachments.map(({ name }) => `  Attached: ${plain(name)}`),
    ...plain(mail.text)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${dim('│')} ${line}`),
  ];
}
