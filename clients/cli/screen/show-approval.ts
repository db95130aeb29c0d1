import type { ApprovalView } from '#shared/api/approvals.ts';
import { inkOf, padTo, plain, type Ink } from './ink.ts';
import { showDuration, showUsd } from './quantities.ts';
import { paintStatus } from './show-run.ts';
import type { Terminal } from './terminal.ts';

/** An approval: exactly what would happen, how risky it is and why a person is asked, and for how long. */
export function showApproval(
  approval: ApprovalView,
  view: Pick<Terminal, 'hasColour' | 'now'>,
): string[] {
  const ink = inkOf(view);
  const { preview } = approval;
  const width = Math.max(0, ...preview.fields.map(({ label }) => plain(label).length));
  return [
    `${ink.bold(plain(preview.headline))}  ${paintStatus(approval.status, ink)}`,
    ink.dim(`${approval.approval_id} · ${approval.tool} · ${approval.task_id}`),
    '',
    ...preview.fields.flatMap(({ label, value }) => showField(label, value, width, ink)),
    '',
    `Risk ${paintRisk(approval.risk, ink)} · asked for by ${plain(approval.requested_by)} · cost so far ${showUsd(approval.cost_so_far_usd)} · ${countdown(approval, view.now())}`,
    ...approval.reasons.map((reason) => `  ↳ ${plain(reason)}`),
    ...(approval.decided_by === null
      ? []
      : [
          `${approval.status} by ${plain(approval.decided_by)}${approval.comment ? `: ${plain(approval.comment)}` : ''}`,
        ]),
    ...(approval.status === 'pending'
      ? ['', `mirai approve ${approval.approval_id}   or   mirai deny ${approval.approval_id}`]
      : []),
  ];
}

function showField(label: string, value: string, width: number, ink: Ink): string[] {
  const lines = plain(value).replace(/\n$/, '').split('\n');
  const name = ink.dim(padTo(plain(label), width));
  if (lines.length === 1) return [`  ${name}  ${lines[0] ?? ''}`];
  return [`  ${name}`, ...lines.map((line) => `  ${ink.dim('│')} ${line}`)];
}

function paintRisk(risk: ApprovalView['risk'], ink: Ink): string {
  if (risk === 'high') return ink.red(risk);
  return risk === 'medium' ? ink.yellow(risk) : ink.green(risk);
}

/** How long there is to answer. */
function countdown({ status, expires_at: end }: ApprovalView, now: number): string {
  if (status !== 'pending') return `asked until ${end}`;
  const left = Date.parse(end) - now;
  return left > 0 ? `expires in ${showDuration(left)}` : 'expires now';
}
