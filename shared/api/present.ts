import type { Action } from '../domain/action/action.ts';
import type { Artifact } from '../domain/artifact/artifact.ts';
import { usdOf } from '../domain/budget/budget.ts';
import type { Run } from '../domain/run/run.ts';
import type { Task } from '../domain/task/task.ts';
import type { Turn } from '../ports/run-ledger.ts';
import type { ArtifactView, RunView, TaskView } from './tasks.ts';

/** A task as the API shows it; it is WAITING while its run waits. */
export function presentTask(task: Task, run?: RunView | null): TaskView {
  const waiting = task.status === 'RUNNING' && run?.status === 'WAITING';
  const self = `/v1/tasks/${task.task_id}`;
  return {
    task_id: task.task_id,
    title: task.title,
    status: waiting ? 'WAITING' : task.status,
    mode: task.mode,
    priority: task.priority,
    submitted_by: task.submitted_by,
    submitted_at: task.submitted_at,
    ended_at: task.ended_at,
    attempt: task.attempt,
    trace_id: task.trace_id,
    dead_letter_reason: task.dead_letter_reason,
    run_id: task.run_id,
    ...(run === undefined ? {} : { run }),
    links: { self, artifacts: `${self}/artifacts`, run: task.run_id && `/v1/runs/${task.run_id}` },
  };
}

/** A run as the API shows it. */
export function presentRun(run: Run, actions: readonly Action[], turns: readonly Turn[]): RunView {
  const self = `/v1/runs/${run.ref.run_id}`;
  const modelCosts = turns
    .filter((turn) => turn.cost_micros > 0)
    .map((turn) => ({ turn: turn.turn, index: -1, tool: 'model', usd: usdOf(turn.cost_micros) }));
  return {
    run_id: run.ref.run_id,
    task_id: run.ref.task_id,
    attempt: run.ref.attempt,
    generation: run.ref.generation,
    status: run.status,
    trace_id: run.ref.trace_id,
    started_at: run.started_at,
    ended_at: run.ended_at,
    cost: {
      usd: usdOf(run.budget.spent),
      tokens: run.cursor.tokens,
      by_step: [
        ...modelCosts,
        ...actions
          .filter((action) => action.cost_micros > 0)
          .map(({ turn, index, tool, cost_micros }) => ({
            turn,
            index,
            tool,
            usd: usdOf(cost_micros),
          })),
      ].sort((a, b) => a.turn - b.turn || a.index - b.index),
    },
    budget: {
      limit_usd: usdOf(run.budget.limit),
      reserved_usd: usdOf(run.budget.reserved),
      spent_usd: usdOf(run.budget.spent),
    },
    waiting_for:
      run.status === 'WAITING' ? { kind: 'approval', approval_ids: [...run.waiting_for] } : null,
    receipt_head: run.cursor.head,
    outcome: run.outcome && { code: run.outcome.code, message: run.outcome.message },
    answer: run.outcome?.answer ?? null,
    steps: actions.map((action) => ({
      turn: action.turn,
      index: action.index,
      tool: action.tool,
      status: action.status,
      verdict: action.verdict,
      reasons: action.reasons,
      approval_id: action.approval_id,
      summary: action.summary,
      started_at: action.judged_at,
      ended_at: action.ended_at,
      usd: usdOf(action.cost_micros),
    })),
    links: { self, task: `/v1/tasks/${run.ref.task_id}`, decisions: `${self}/decisions` },
  };
}

export const presentArtifact = (artifact: Artifact): ArtifactView => ({
  artifact_id: artifact.artifact_id,
  name: artifact.name,
  media_type: artifact.media_type,
  size: artifact.size,
  sha256: artifact.sha256,
  created_at: artifact.created_at,
  made_by: artifact.made_by,
});
