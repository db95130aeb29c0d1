import type { JobResult } from '#containers/sandbox/contract.ts';
import { INLINE_OBSERVATION_BYTES, type Observation } from '#shared/domain/action/action.ts';
import { mediaTypeOf } from '#shared/domain/artifact/artifact.ts';
import { canonicalJson, sha256 } from '#shared/domain/canonical/canonical.ts';
import type { ActionOutcome } from '#shared/domain/run/run.ts';
import type { ErrorCode } from '#shared/errors/error-codes.ts';
import type { ArtifactShelf } from '#shared/ports/artifact-shelf.ts';
import type { Callbacks } from '#shared/ports/callback-token.ts';
import { isoTime, type Clock } from '#shared/ports/clock.ts';
import type { ObservationStore } from '#shared/ports/observation-store.ts';
import type { RunLedger } from '#shared/ports/run-ledger.ts';
import type { SandboxDesk, SandboxWait } from '#shared/ports/sandbox-desk.ts';
import { SANDBOX_MICROS_PER_SECOND } from '#shared/tools/run-code.ts';

export interface FinishSandboxJobDeps {
  readonly tenant: string;
  readonly runId: string;
  readonly ledger: Pick<RunLedger, 'load' | 'action' | 'recordOutcome'>;
  readonly desk: SandboxDesk;
  readonly shelf: (taskId: string) => ArtifactShelf;
  readonly observations: Pick<ObservationStore, 'put'>;
  readonly callbacks: Callbacks;
  readonly now: Clock;
}

/** A job's result has arrived: keeps what it made, records the outcome, wakes the run. */
export async function finishJob(
  leaseId: string,
  jobId: string,
  deps: FinishSandboxJobDeps,
): Promise<void> {
  const waits = await deps.desk.waits();
  const wait = waits.find(
    (candidate) => candidate.jobId === jobId && candidate.leaseId === leaseId,
  );
  const result = wait && (await deps.desk.result(leaseId, jobId));
  if (wait && result) await conclude(wait, result, deps);
}

/** The lease's task has stopped: its results are taken first, then whoever still waits is told. */
export async function endLease(
  taskArn: string,
  reason: string,
  deps: FinishSandboxJobDeps,
): Promise<void> {
  const lease = await deps.desk.lease();
  if (!lease || (lease.task_arn !== null && lease.task_arn !== taskArn)) return;
  await deps.desk.endLease(lease.lease_id, isoTime(deps.now()));
  const run = await deps.ledger.load();
  for (const wait of await deps.desk.waits()) {
    if (wait.leaseId !== lease.lease_id) continue;
    const action = await deps.ledger.action(wait.turn, wait.index);
    if (action?.status === 'DONE' || action?.status === 'FAILED') continue;
    const result = await deps.desk.result(wait.leaseId, wait.jobId);
    if (result) {
      await conclude(wait, result, deps);
      continue;
    }
    const code = run?.cancel_requested_at ? 'task.cancelled' : 'sandbox.lost';
    await deps.callbacks.fail(
      wait.sealedToken,
      deps.tenant,
      deps.runId,
      code,
      reason.slice(0, 300),
    );
  }
}

async function conclude(
  wait: SandboxWait,
  result: JobResult,
  deps: FinishSandboxJobDeps,
): Promise<void> {
  const [action, run] = await Promise.all([
    deps.ledger.action(wait.turn, wait.index),
    deps.ledger.load(),
  ]);
  if (!action || !run) return;
  const kept = await keepArtifacts(result, run.ref.task_id, deps);
  const observation = observationOf(result, kept);
  const json = canonicalJson(observation);
  const digest = sha256(json);
  const inline = Buffer.byteLength(json) <= INLINE_OBSERVATION_BYTES;
  if (!inline) await deps.observations.put(deps.runId, digest, json);
  const cost = Math.min(
    action.reserved,
    Math.ceil(result.usage.wall_ms / 1000) * SANDBOX_MICROS_PER_SECOND,
  );
  const status = observation.status === 'done' ? 'done' : 'failed';
  await deps.ledger.recordOutcome(wait.turn, wait.index, {
    status: status === 'done' ? 'DONE' : 'FAILED',
    ended_at: isoTime(deps.now()),
    cost_micros: cost,
    observation: inline ? json : null,
    observation_digest: digest,
    summary: summaryOf(result, kept),
  });
  const outcome: ActionOutcome = {
    index: wait.index,
    status,
    error: observation.error?.code ?? null,
    digest,
    cost_micros: cost,
  };
  await deps.callbacks.succeed(wait.sealedToken, deps.tenant, deps.runId, { outcome });
}

/** Copies what the job made to the task's artifacts; a body that is not what the result says is left out. */
async function keepArtifacts(
  result: JobResult,
  taskId: string,
  { desk, shelf, runId }: FinishSandboxJobDeps,
): Promise<string[]> {
  const names: string[] = [];
  for (const { path, key, sha256: digest } of result.artifacts) {
    const body = await desk.readOutput(key);
    if (sha256(body) !== digest) continue;
    const name = path.replaceAll('/', '_').slice(0, 120);
    await shelf(taskId).write({ name, mediaType: mediaTypeOf(name), body, madeBy: runId });
    names.push(name);
  }
  return names;
}

const FAILURES: Readonly<Record<Exclude<JobResult['status'], 'exited'>, [ErrorCode, string]>> = {
  timed_out: ['sandbox.timed_out', 'The program ran out of time.'],
  out_of_memory: ['sandbox.out_of_memory', 'The program ran out of memory.'],
  output_limit: ['tool.failed', 'The program wrote more output than is kept.'],
  cancelled: ['task.cancelled', 'The task was cancelled.'],
  failed_to_start: ['sandbox.unavailable', 'The sandbox could not start the program.'],
};

function observationOf(result: JobResult, artifacts: readonly string[]): Observation {
  const output = {
    exit_code: result.exit_code,
    stdout: result.stdout,
    stderr: result.stderr,
    artifacts,
    skipped: result.skipped,
  };
  if (result.status === 'exited') {
    if (result.exit_code === 0) return { status: 'done', output };
    const message = `The program ended with exit code ${result.exit_code}.`;
    return { status: 'failed', error: { code: 'tool.failed', message }, output };
  }
  const [code, message] = FAILURES[result.status];
  const why = result.error
    ? `${message} ${result.error.reason}${result.error.repair ? ` Repair: ${result.error.repair}` : ''}`
    : message;
  return { status: 'failed', error: { code, message: why }, output };
}

const summaryOf = ({ status, exit_code, usage }: JobResult, kept: readonly string[]): string => {
  const end = status === 'exited' ? `exit code ${exit_code}` : status.replaceAll('_', ' ');
  const made = kept.length > 0 ? `, made ${kept.join(', ')}` : '';
  return `${end} after ${usage.wall_ms} ms${made}`.slice(0, 200);
};
