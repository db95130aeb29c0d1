import { presentTask } from '#shared/api/present.ts';
import type { SubmitTask, TaskView } from '#shared/api/tasks.ts';
import { mediaTypeOf, type Artifact } from '#shared/domain/artifact/artifact.ts';
import { canonicalJson, digestOf, sha256 } from '#shared/domain/canonical/canonical.ts';
import type { Principal } from '#shared/domain/principal/principal.ts';
import type { Task, TaskMessage } from '#shared/domain/task/task.ts';
import { AppError } from '#shared/errors/app-error.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import type { TaskStore } from '#shared/ports/task-store.ts';

/** DynamoDB takes items of 400 KB; the rest is for keys and the margin. */
const MAX_BODY_BYTES = 300_000;

export interface AcceptTaskDeps {
  readonly tasks: TaskStore;
  readonly keepFile: (artifactId: string, body: Uint8Array, mediaType: string) => Promise<string>;
  readonly enqueue: (priority: Task['priority'], message: TaskMessage) => Promise<void>;
  readonly now: Clock;
  readonly nextId: IdSource;
}

export interface AcceptTaskRequest {
  readonly who: Principal;
  readonly traceId: string;
  readonly idempotencyKey: string | undefined;
  readonly input: SubmitTask;
}

/**
 * Takes a task in: stored first, then queued; the answer comes when both are safe. A repeat with the
 * same Idempotency-Key gets the same task, and queues it again while that is not certain.
 *
 * @throws AppError `idempotency.mismatch`, `request.too_large`, `store.unavailable`
 */
export async function acceptTask(
  request: AcceptTaskRequest,
  deps: AcceptTaskDeps,
): Promise<TaskView> {
  const { task, body } = draft(request, deps);
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw new AppError('request.too_large', 'The task without its files exceeds 300 KB.');
  }
  const files = await keepFiles(request, task, deps);
  const view = presentTask({ ...task, status: 'QUEUED' });
  const earlier = await deps.tasks.create(task, body, files, idempotencyOf(request, task, view));
  if (earlier) return repeat(earlier, request, deps);
  await queue(task, deps);
  return view;
}

function draft({ who, traceId, input }: AcceptTaskRequest, { now, nextId }: AcceptTaskDeps) {
  const content = { words: input.task ?? null, workflow: input.workflow ?? null };
  const body = canonicalJson(content);
  const steps = input.workflow?.steps.length ?? 0;
  const task: Task = {
    v: 1,
    tenant: who.tenant,
    task_id: nextId('task'),
    status: 'PENDING',
    mode: input.workflow ? 'workflow' : 'words',
    body_digest: sha256(body),
    title: input.title ?? input.task?.slice(0, 100) ?? `Workflow of ${steps} steps`,
    priority: input.priority,
    limits: input.limits,
    approval_timeout_seconds: input.approval_timeout_seconds,
    submitted_by: who.principal,
    submitted_at: isoTime(now()),
    ended_at: null,
    attempt: 0,
    run_id: null,
    trace_id: traceId,
    dead_letter_reason: null,
    cancel_requested_at: null,
  };
  return { task, body };
}

async function keepFiles(
  { input }: AcceptTaskRequest,
  task: Task,
  { keepFile, nextId, now }: AcceptTaskDeps,
): Promise<Artifact[]> {
  const names = input.files.map(({ name }) => name);
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice >= 0) {
    throw new AppError('request.invalid', 'Two files have the same name.', {
      fields: [{ pointer: `/files/${twice}/name`, message: 'is used twice' }],
    });
  }
  return Promise.all(
    input.files.map(async (file) => {
      const body =
        file.content === undefined
          ? Buffer.from(file.content_base64 ?? '', 'base64')
          : Buffer.from(file.content);
      const mediaType = file.media_type ?? mediaTypeOf(file.name);
      const id = nextId('art');
      return {
        v: 1 as const,
        artifact_id: id,
        tenant: task.tenant,
        task_id: task.task_id,
        name: file.name,
        media_type: mediaType,
        size: body.length,
        sha256: sha256(body),
        key: await keepFile(id, body, mediaType),
        created_at: isoTime(now()),
        made_by: 'input',
      };
    }),
  );
}

function idempotencyOf(
  { who, idempotencyKey, input }: AcceptTaskRequest,
  task: Task,
  view: TaskView,
) {
  if (idempotencyKey === undefined) return undefined;
  return {
    keyDigest: sha256(`${who.principal}\n${idempotencyKey}`),
    request: {
      request_digest: digestOf(input),
      task_id: task.task_id,
      answer: JSON.stringify(view),
    },
  };
}

async function repeat(
  earlier: { readonly request_digest: string; readonly task_id: string; readonly answer: string },
  { input }: AcceptTaskRequest,
  deps: AcceptTaskDeps,
): Promise<TaskView> {
  if (earlier.request_digest !== digestOf(input)) {
    throw new AppError('idempotency.mismatch', 'The Idempotency-Key was used with another body.');
  }
  const task = await deps.tasks.find(earlier.task_id);
  if (task?.status === 'PENDING') await queue(task, deps);
  return JSON.parse(earlier.answer) as TaskView;
}

async function queue(task: Task, { enqueue, tasks }: AcceptTaskDeps): Promise<void> {
  const { tenant, task_id, trace_id } = task;
  try {
    await enqueue(task.priority, { v: 1, tenant, task_id, trace_id });
  } catch (cause) {
    throw new AppError('store.unavailable', 'The task is kept but not queued yet; send it again.', {
      cause,
    });
  }
  await tasks.markQueued(task_id);
}
