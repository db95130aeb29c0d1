import * as z from 'zod/mini';
import { Cursor, RunRef } from '#shared/domain/run/run.ts';

export { TaskMessage as Input } from '#shared/domain/task/task.ts';

/** The input of an execution of the state machine `run`. */
export const ExecutionInput = z.object({
  run: RunRef,
  cursor: Cursor,
  mode: z.enum(['words', 'workflow']),
});
export type ExecutionInput = z.infer<typeof ExecutionInput>;

export const Env = z.object({
  TABLE_NAME: z.string(),
  DATA_ROLE_ARN: z.string(),
  /** The ARN of the state machine's alias. */
  RUN_STATE_MACHINE_ARN: z.string(),
});
