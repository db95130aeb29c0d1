import type { Artifact } from '#shared/domain/artifact/artifact.ts';
import { AppError } from '#shared/errors/app-error.ts';
import type { TokenSeal } from '#shared/ports/callback-token.ts';
import { isoTime, type Clock, type IdSource } from '#shared/ports/clock.ts';
import type { PermitVerifier } from '#shared/ports/permits.ts';
import type { RunLedger } from '#shared/ports/run-ledger.ts';
import type { JobOrder, SandboxDesk } from '#shared/ports/sandbox-desk.ts';
import { checkPermit } from '#shared/tools/check-permit.ts';
import { RunCodeInput } from '#shared/tools/run-code.ts';
import type { Input, Output } from './contract.ts';

export interface StartSandboxJobDeps {
  readonly ledger: Pick<RunLedger, 'action' | 'load'>;
  readonly desk: SandboxDesk;
  readonly seal: TokenSeal;
  readonly verifier: PermitVerifier;
  readonly stage: string;
  readonly findArtifact: (name: string) => Promise<Artifact | undefined>;
  /** Answers at once, for a job that is over already. */
  readonly answerNow: (token: string, output: unknown) => Promise<boolean>;
  readonly now: Clock;
  readonly nextId: IdSource;
}

/**
 * Hands a permitted job to the run's sandbox: first who waits for it, then the job, then the task,
 * so that whatever dies in between is found and finished by the next try.
 *
 * @throws AppError `permit.invalid`, `permit.expired`, `task.cancelled`
 */
export async function startSandboxJob(input: Input, deps: StartSandboxJobDeps): Promise<Output> {
  const { run, action: ticket } = input;
  const [action, stored] = await Promise.all([
    deps.ledger.action(ticket.turn, ticket.index),
    deps.ledger.load(),
  ]);
  if (!action) throw new AppError('permit.invalid', 'The permitted action is not stored.');
  if (stored?.cancel_requested_at) throw new AppError('task.cancelled', 'The task was cancelled.');
  const { permitted, artifacts } = await checkPermit(input, action, {
    verifier: deps.verifier,
    stage: deps.stage,
    now: deps.now(),
    executor: 'sandbox',
    findArtifact: deps.findArtifact,
  });
  const jobId = `job-${ticket.turn}-${ticket.index}-${permitted.call_hash.slice(0, 12)}`;
  if (action.status === 'DONE' || action.status === 'FAILED') {
    const status = action.status === 'DONE' ? 'done' : 'failed';
    const outcome = { index: action.index, status, cost_micros: action.cost_micros };
    await deps.answerNow(input.callback_token, { outcome });
    return { job_id: jobId };
  }
  const lease = await deps.desk.openLease(deps.nextId('lease'), isoTime(deps.now()));
  const sealedToken = await deps.seal.seal(input.callback_token, run.tenant, run.run_id);
  await deps.desk.putWait({
    turn: ticket.turn,
    index: ticket.index,
    jobId,
    leaseId: lease.lease_id,
    sealedToken,
  });
  await deps.desk.post(lease.lease_id, orderOf(jobId, action.input, artifacts));
  if (lease.task_arn === null) await deps.desk.start(lease.lease_id);
  return { job_id: jobId };
}

function orderOf(jobId: string, input: unknown, artifacts: readonly Artifact[]): JobOrder {
  const { language, code, args, stdin, timeout_seconds } = RunCodeInput.parse(input);
  return {
    jobId,
    language,
    code,
    args,
    stdin,
    seconds: timeout_seconds,
    files: artifacts.map(({ name, artifact_id, sha256 }) => ({
      name,
      artifactId: artifact_id,
      sha256,
    })),
  };
}
