import * as z from 'zod/mini';
import { RunId, TaskId, TenantId } from '../id/id.ts';
import { Workflow } from './workflow.ts';

export const TASK_STATUSES = [
  'PENDING',
  'QUEUED',
  'RUNNING',
  'WAITING',
  'RETRYING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
] as const;
export const TaskStatus = z.enum(TASK_STATUSES);
export type TaskStatus = z.infer<typeof TaskStatus>;

/** True once nothing more happens to the task by itself. */
export const isTaskOver = (status: TaskStatus): boolean =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';

/** Retries after the first run; then the task goes to the dead-letter queue. */
export const MAX_RETRIES = 3;

export const Priority = z.enum(['normal', 'high']);

/** What one run of the task may use at most. */
export const Limits = z.strictObject({
  /** Dollars, from 0.000001 to 1000. @default 1 */
  usd: z._default(z.number().check(z.gte(0.000001), z.lte(1000)), 1),
  /** Actions, 1 to 500. A run stays far below Step Functions' 25,000 events with them. @default 100 */
  steps: z._default(z.int().check(z.gte(1), z.lte(500)), 100),
  /** Tokens of the model, in and out. @default 1000000 */
  tokens: z._default(z.int().check(z.gte(1), z.lte(100_000_000)), 1_000_000),
});
export type Limits = z.infer<typeof Limits>;

/** How long a person has, 1 second to 7 days. @default 24 hours */
export const ApprovalTimeout = z._default(z.int().check(z.gte(1), z.lte(604_800)), 86_400);

/** What was asked for: exactly one of words and an explicit workflow. Immutable, named by its digest. */
export const TaskBody = z.object({
  words: z.nullable(z.string().check(z.minLength(1), z.maxLength(32_000))),
  workflow: z.nullable(Workflow),
});
export type TaskBody = z.infer<typeof TaskBody>;

export const Task = z.object({
  v: z.literal(1),
  tenant: TenantId,
  task_id: TaskId,
  status: TaskStatus,
  mode: z.enum(['words', 'workflow']),
  body_digest: z.string(),
  title: z.string(),
  priority: Priority,
  limits: Limits,
  approval_timeout_seconds: z.int(),
  submitted_by: z.string(),
  submitted_at: z.string(),
  ended_at: z.nullable(z.string()),
  /** Runs begun so far; 1 for the first. */
  attempt: z.int(),
  run_id: z.nullable(RunId),
  trace_id: z.string(),
  /** Set once retries are used up. */
  dead_letter_reason: z.nullable(z.string()),
  cancel_requested_at: z.nullable(z.string()),
});
export type Task = z.infer<typeof Task>;

/** What travels through the queue: names, never contents. */
export const TaskMessage = z.object({
  v: z.literal(1),
  tenant: TenantId,
  task_id: TaskId,
  trace_id: z.string(),
});
export type TaskMessage = z.infer<typeof TaskMessage>;
