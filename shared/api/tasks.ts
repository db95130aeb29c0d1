import * as z from 'zod/mini';
import { ApprovalTimeout, Limits, Priority, TaskStatus } from '../domain/task/task.ts';
import { FileName } from '../domain/artifact/file-name.ts';
import { Workflow } from '../domain/task/workflow.ts';

/** A file handed in with a task; text in `content`, anything else in `content_base64`. */
export const InputFile = z
  .strictObject({
    name: FileName,
    media_type: z.optional(z.string().check(z.regex(/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/))),
    content: z.optional(z.string()),
    content_base64: z.optional(z.base64()),
  })
  .check(
    z.refine(
      (file) => (file.content === undefined) !== (file.content_base64 === undefined),
      'needs exactly one of content and content_base64',
    ),
  );

/** Body of `POST /v1/tasks`: exactly one of `task` (words) and `workflow`. At most 1 MB in all. */
export const SubmitTask = z
  .strictObject({
    task: z.optional(z.string().check(z.minLength(1), z.maxLength(32_000))),
    workflow: z.optional(Workflow),
    title: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
    files: z._default(z.array(InputFile).check(z.maxLength(20)), []),
    priority: z._default(Priority, 'normal'),
    limits: z.prefault(Limits, {}),
    approval_timeout_seconds: ApprovalTimeout,
  })
  .check(
    z.refine(
      (body) => (body.task === undefined) !== (body.workflow === undefined),
      'needs exactly one of task and workflow',
    ),
  );
export type SubmitTask = z.infer<typeof SubmitTask>;

/** Money as the API shows it. */
export const CostView = z.object({
  usd: z.number(),
  tokens: z.int(),
  by_step: z.array(z.object({ turn: z.int(), index: z.int(), tool: z.string(), usd: z.number() })),
});

export const BudgetView = z.object({
  limit_usd: z.number(),
  reserved_usd: z.number(),
  spent_usd: z.number(),
});

export const OutcomeView = z.object({
  /** A dotted error code; null for a completed run. */
  code: z.nullable(z.string()),
  /** One sentence for a person. */
  message: z.string(),
});

export const StepView = z.object({
  turn: z.int(),
  index: z.int(),
  tool: z.string(),
  status: z.string(),
  verdict: z.string(),
  reasons: z.array(z.string()),
  approval_id: z.nullable(z.string()),
  summary: z.string(),
  started_at: z.nullable(z.string()),
  ended_at: z.nullable(z.string()),
  usd: z.number(),
});

export const WaitingFor = z.object({
  kind: z.literal('approval'),
  approval_ids: z.array(z.string()),
});

/** A run as the API shows it. */
export const RunView = z.object({
  run_id: z.string(),
  task_id: z.string(),
  attempt: z.int(),
  generation: z.int(),
  status: z.enum(['RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'CANCELLED']),
  trace_id: z.string(),
  started_at: z.string(),
  ended_at: z.nullable(z.string()),
  cost: CostView,
  budget: BudgetView,
  waiting_for: z.nullable(WaitingFor),
  /** Digest of the newest decision record. */
  receipt_head: z.string(),
  outcome: z.nullable(OutcomeView),
  answer: z.nullable(z.string()),
  steps: z.array(StepView),
  links: z.object({ self: z.string(), task: z.string(), decisions: z.string() }),
});
export type RunView = z.infer<typeof RunView>;

/** A task as the API shows it. */
export const TaskView = z.object({
  task_id: z.string(),
  title: z.string(),
  status: TaskStatus,
  mode: z.enum(['words', 'workflow']),
  priority: Priority,
  submitted_by: z.string(),
  submitted_at: z.string(),
  ended_at: z.nullable(z.string()),
  attempt: z.int(),
  trace_id: z.string(),
  dead_letter_reason: z.nullable(z.string()),
  /** The present or last run; left out of lists. */
  run: z.optional(z.nullable(RunView)),
  run_id: z.nullable(z.string()),
  links: z.object({ self: z.string(), artifacts: z.string(), run: z.nullable(z.string()) }),
});
export type TaskView = z.infer<typeof TaskView>;

export const TaskList = z.object({ items: z.array(TaskView), next: z.nullable(z.string()) });

export const ArtifactView = z.object({
  artifact_id: z.string(),
  name: z.string(),
  media_type: z.string(),
  size: z.int(),
  sha256: z.string(),
  created_at: z.string(),
  /** `input` for a file handed in, else the run that made it. */
  made_by: z.string(),
});
export type ArtifactView = z.infer<typeof ArtifactView>;
export const ArtifactList = z.object({ items: z.array(ArtifactView) });

/** An artifact with its content; over 4 MB the content is null and the digest stands alone. */
export const ArtifactContent = z.extend(ArtifactView, { content_base64: z.nullable(z.string()) });
