import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ApprovalView } from '#shared/api/approvals.ts';
import type { ArtifactView, TaskView } from '#shared/api/tasks.ts';
import type { ApiClient } from '../api/api-client.ts';
import { readInputFile } from '../commands/task-submit.ts';
import { showApproval } from '../screen/show-approval.ts';
import type { Decision } from '../screen/show-decisions.ts';
import type { Terminal } from '../screen/terminal.ts';
import { followTask, openApprovals } from '../watch/follow-task.ts';
import { screenOf } from '../watch/watch-task.ts';
import { mailsOfTask, type DeliveredMail } from './mailbox.ts';

/** What the demo asks for. */
export const DEMO_WORDS =
  'Clean up these invoices, total them by customer, and mail the summary to finance';
const TABLE = join(import.meta.dirname, 'invoices.csv');

export interface DemoSettings {
  /** The API with the key of who submits. */
  readonly owner: ApiClient;
  /** The API with the key of who approves. */
  readonly approver: ApiClient;
  /** Address of the local cloud, for its mailbox. */
  readonly endpoint: string;
}

/** Everything that there is to see after the demo. */
export interface DemoEnd {
  readonly task: TaskView;
  readonly approvals: readonly ApprovalView[];
  readonly artifacts: readonly ArtifactView[];
  /** Artifacts whose content is not what their digest says. */
  readonly altered: readonly string[];
  readonly mails: readonly DeliveredMail[];
  readonly decisions: readonly Decision[];
  /** Milliseconds from submitting to the end, and of it waiting for the person. */
  readonly timings: { readonly task: number; readonly person: number };
}

/** Hands in the demo's task, lets a person answer at the mail, and gathers what came of it. */
export async function runDemo(settings: DemoSettings, terminal: Terminal): Promise<DemoEnd> {
  const { owner } = settings;
  const began = performance.now();
  terminal.say(`${DEMO_WORDS}\n`);
  const { task_id: id } = await owner.submitTask({
    task: DEMO_WORDS,
    files: [{ ...readInputFile(TABLE), media_type: 'text/csv' }],
  });
  const approvals = new Map<string, ApprovalView>();
  let person = 0;
  let screen = screenOf(terminal);
  let task: TaskView | undefined;
  try {
    for await (task of followTask(owner, id)) {
      screen.change(task);
      for (const approvalId of openApprovals(task)) {
        if (approvals.has(approvalId)) continue;
        screen.end();
        const asked = performance.now();
        approvals.set(approvalId, await answerApproval(approvalId, settings, terminal));
        person += performance.now() - asked;
        screen = screenOf(terminal, screen);
      }
    }
  } finally {
    screen.end();
  }
  if (!task) throw new Error(`The task ${id} was not seen.`);
  const timings = { task: Math.round(performance.now() - began), person: Math.round(person) };
  return { task, approvals: [...approvals.values()], timings, ...(await gather(task, settings)) };
}

/** Shows what would happen and answers as the demo's approver: on a TTY what the person says, else yes. */
async function answerApproval(
  id: string,
  { approver }: DemoSettings,
  terminal: Terminal,
): Promise<ApprovalView> {
  const approval = await approver.getApproval(id);
  terminal.say();
  for (const line of showApproval(approval, terminal)) terminal.say(line);
  terminal.say();
  const isGranted = terminal.isTty
    ? /^y(es)?$/i.test((await terminal.ask('Shall this be done? [y/N] ')).trim())
    : true;
  const decided = await approver.decideApproval(id, {
    answer: isGranted ? 'granted' : 'refused',
    call_hash: approval.call_hash,
  });
  const how = terminal.isTty ? '' : ', because nobody is at a terminal to be asked';
  const line = `${decided.status} as the demo’s approver (${decided.decided_by ?? 'unknown'})${how}`;
  if (terminal.json) terminal.remark(line);
  terminal.say(`→ ${line}\n`);
  return decided;
}

async function gather(task: TaskView, { owner, endpoint }: DemoSettings) {
  const [{ items: artifacts }, decisions, mails] = await Promise.all([
    owner.listArtifacts(task.task_id),
    task.run_id === null ? [] : owner.listDecisions(task.run_id),
    mailsOfTask(endpoint, task.task_id),
  ]);
  const contents = await Promise.all(
    artifacts.map(({ name }) => owner.getArtifact(task.task_id, name)),
  );
  const altered = contents
    .filter(
      ({ content_base64: content, sha256 }) => content !== null && sha256Of(content) !== sha256,
    )
    .map(({ name }) => name);
  return { artifacts, decisions, mails, altered };
}

const sha256Of = (base64: string): string =>
  createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
