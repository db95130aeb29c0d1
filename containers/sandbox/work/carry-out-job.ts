import { rmSync } from 'node:fs';
import type { Claim, Job, JobResult } from '../contract.ts';
import type { Box } from './box.ts';
import { fetchFiles } from './fetch-files.ts';
import { makePipes } from './output-pipe.ts';
import { postObject, PostRefusedError } from './post-object.ts';
import { notStarted, runJob, type Outcome } from './run-job.ts';
import { makeJobFolder } from './scratch-folder.ts';
import { watchCancel } from './watch-cancel.ts';

export interface CarryOutRequest {
  readonly job: Job;
  /** Different for each job of this process, counted from 1. */
  readonly number: number;
  /** @throws SandboxUnavailableError when there is no isolation: the job's result says so */
  readonly box: () => Promise<Box>;
  /** The shell's own folder. */
  readonly scratch: string;
  /** The shell has to end: the job is killed and no result is sent. */
  readonly signal: AbortSignal;
}

/**
 * Carries out one job: claim, files, code, artifacts, and last of all the result. Whoever finds the
 * result finds everything that it names.
 *
 * @throws PostRefusedError when the job's policy is not valid any more; the signal's reason
 */
export async function carryOutJob(request: CarryOutRequest): Promise<void> {
  const { job, signal } = request;
  const claim: Claim = {
    schema: 1,
    job_id: job.job_id,
    claimed_at: new Date().toISOString(),
    stated_by: 'runner',
  };
  await postObject(job, 'claim.json', JSON.stringify(claim), signal);
  const outcome = await perform(request);
  signal.throwIfAborted();
  const { artifacts, refused } = await postArtifacts(job, outcome, signal);
  const result = resultOf(job, outcome, artifacts, refused);
  await postObject(job, 'result.json', JSON.stringify(result), signal);
}

async function perform({ job, number, box, scratch, signal }: CarryOutRequest): Promise<Outcome> {
  const folder = makeJobFolder(scratch, number);
  const cancelled = new AbortController();
  const stopWatching = watchCancel(job.cancel_url, () => cancelled.abort());
  try {
    const cancel = AbortSignal.any([signal, cancelled.signal]);
    const [opened, files] = await Promise.all([
      box(),
      fetchFiles(job, folder, signal),
      makePipes(folder),
    ]);
    return await runJob({ box: opened, job, number, files, folder, cancel });
  } catch (error) {
    return notStarted(error);
  } finally {
    stopWatching();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function postArtifacts(job: Job, outcome: Outcome, signal: AbortSignal) {
  const artifacts: JobResult['artifacts'] = [];
  const refused: JobResult['skipped'] = [];
  for (const [index, { path, content, sha256 }] of outcome.files.entries()) {
    try {
      const key = await postObject(job, `artifact/${index}`, content, signal);
      artifacts.push({ path, size: content.length, sha256, key });
    } catch (error) {
      if (!(error instanceof PostRefusedError) || error.code !== 'EntityTooLarge') throw error;
      refused.push({ path, reason: 'is larger than one object may be' });
    }
  }
  return { artifacts, refused };
}

function resultOf(
  job: Job,
  outcome: Outcome,
  artifacts: JobResult['artifacts'],
  refused: JobResult['skipped'],
): JobResult {
  const { usage } = outcome;
  return {
    schema: 1,
    job_id: job.job_id,
    status: outcome.status,
    exit_code: outcome.exitCode,
    signal: outcome.signal,
    stdout: outcome.stdout.bytes.toString('utf8'),
    stderr: outcome.stderr.bytes.toString('utf8'),
    stdout_truncated: outcome.stdout.isTruncated,
    stderr_truncated: outcome.stderr.isTruncated,
    artifacts,
    skipped: [...outcome.skipped, ...refused],
    usage: {
      wall_ms: outcome.wallMs,
      cpu_ms: usage.cpuMs,
      memory_peak_bytes: usage.memoryPeakBytes,
    },
    error: outcome.error,
    stated_by: 'runner',
  };
}
