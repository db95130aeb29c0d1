import type { ApprovalView } from '#shared/api/approvals.ts';
import type { RunView, TaskView } from '#shared/api/tasks.ts';

const ID = '01JABCDEFGHJKMNPQRSTVWXYZ0';

/** A step as the API shows it. */
export const aStepView = (
  changes: Partial<RunView['steps'][number]> = {},
): RunView['steps'][number] => ({
  turn: 0,
  index: 0,
  tool: 'read_artifact',
  status: 'DONE',
  verdict: 'allow',
  reasons: [],
  approval_id: null,
  summary: 'read a file',
  started_at: '2026-01-02T03:04:05.000Z',
  ended_at: '2026-01-02T03:04:05.040Z',
  usd: 0.0001,
  ...changes,
});

/** A run as the API shows it. */
export const aRunView = (changes: Partial<RunView> = {}): RunView => ({
  run_id: `run_${ID}`,
  task_id: `task_${ID}`,
  attempt: 1,
  generation: 1,
  status: 'RUNNING',
  trace_id: 'run-1',
  started_at: '2026-01-02T03:04:05.000Z',
  ended_at: null,
  cost: { usd: 0.0042, tokens: 1234, by_step: [] },
  budget: { limit_usd: 1, reserved_usd: 0, spent_usd: 0.0042 },
  waiting_for: null,
  receipt_head: '0'.repeat(64),
  outcome: null,
  answer: null,
  steps: [aStepView()],
  links: { self: '', task: '', decisions: '' },
  ...changes,
});

/** A task as the API shows it. */
export const aTaskView = (changes: Partial<TaskView> = {}): TaskView => ({
  task_id: `task_${ID}`,
  title: 'Do the thing',
  status: 'RUNNING',
  mode: 'words',
  priority: 'normal',
  submitted_by: 'user:olivia',
  submitted_at: '2026-01-02T03:04:04.000Z',
  ended_at: null,
  attempt: 1,
  trace_id: 'run-1',
  dead_letter_reason: null,
  run: aRunView(),
  run_id: `run_${ID}`,
  links: { self: '', artifacts: '', run: null },
  ...changes,
});

/** A task that is over, with the code of how it ended; null when all went well. */
export const anEndedTask = (code: string | null): TaskView =>
  aTaskView({
    status: code === null ? 'COMPLETED' : 'FAILED',
    ended_at: '2026-01-02T03:04:09.000Z',
    run: aRunView({
      status: code === null ? 'COMPLETED' : 'FAILED',
      ended_at: '2026-01-02T03:04:09.000Z',
      outcome: { code, message: 'That is how it ended.' },
      answer: code === null ? 'All is well.' : null,
    }),
  });

/** An approval of a mail, as the API shows it. */
export const anApprovalView = (changes: Partial<ApprovalView> = {}): ApprovalView => ({
  approval_id: `apr_${ID}`,
  kind: 'action',
  status: 'pending',
  task_id: `task_${ID}`,
  run_id: `run_${ID}`,
  turn: 2,
  tool: 'send_email',
  call_hash: 'a'.repeat(64),
  input: {},
  preview: {
    headline: 'Send a mail to finance@acme.example',
    fields: [
      { label: 'To', value: 'finance@acme.example' },
      { label: 'Text', value: 'Dear all,\nthe total is 12.\n' },
    ],
  },
  risk: 'medium',
  reasons: ['send_email asks: it speaks to the outside'],
  requested_by: 'user:olivia',
  requested_at: '2026-01-02T03:04:06.000Z',
  expires_at: '2026-01-02T04:04:06.000Z',
  cost_so_far_usd: 0.0042,
  decided_by: null,
  decided_at: null,
  comment: null,
  ...changes,
});
