import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe } from '@jest/globals';
import { JobLimits, type Language } from '#containers/sandbox/contract.ts';
import type { Box } from '#containers/sandbox/work/box.ts';
import { BubblewrapBox } from '#containers/sandbox/work/bubblewrap.ts';
import { closeInherited } from '#containers/sandbox/work/close-inherited.ts';
import { checkIsolation } from '#containers/sandbox/work/isolation-check.ts';
import { makePipes } from '#containers/sandbox/work/output-pipe.ts';
import { runJob, type BoxJob, type Outcome } from '#containers/sandbox/work/run-job.ts';
import { makeJobFolder, makeScratchFolder } from '#containers/sandbox/work/scratch-folder.ts';

closeInherited();
const isolation = await checkIsolation();

/** `describe` where this machine can isolate; elsewhere skipped, with the reason in its name. */
export function describeIsolated(name: string, tests: () => void): void {
  if (isolation.isIsolated) describe(name, tests);
  else describe.skip(`${name} (skipped: ${isolation.reason})`, tests);
}

/** What an outcome looks like to a test. */
export interface Seen extends Omit<Outcome, 'stdout' | 'stderr' | 'files'> {
  readonly stdout: string;
  readonly stderr: string;
  readonly isTruncated: boolean;
  /** Text of each artifact by path. */
  readonly files: Readonly<Record<string, string>>;
  /** From handing the job over to the end of everything. */
  readonly tookMs: number;
}

export type JobPart = Partial<Omit<BoxJob, 'limits'>> & {
  readonly limits?: Partial<JobLimits>;
  readonly cancel?: AbortSignal;
};

/** A box with the folders that the mailbox shell would give it. */
export class TestBox {
  readonly #scratch: string;
  readonly #box: Box;
  #number = 0;

  static async open(): Promise<TestBox> {
    const scratch = makeScratchFolder(tmpdir());
    return new TestBox(await BubblewrapBox.open({ scratch }), scratch);
  }

  constructor(box: Box, scratch: string) {
    this.#box = box;
    this.#scratch = scratch;
  }

  async run(language: Language, code: string, part: JobPart = {}): Promise<Seen> {
    this.#number += 1;
    const folder = makeJobFolder(this.#scratch, this.#number);
    await makePipes(folder);
    const { limits, cancel = new AbortController().signal, ...rest } = part;
    const job: BoxJob = {
      language,
      code,
      args: [],
      stdin: '',
      collect: 'all',
      ...rest,
      limits: JobLimits.parse(limits ?? {}),
    };
    const begun = performance.now();
    const request = { box: this.#box, job, number: this.#number, files: [], folder, cancel };
    const outcome = await runJob(request);
    const tookMs = performance.now() - begun;
    rmSync(folder, { recursive: true });
    return {
      ...outcome,
      stdout: outcome.stdout.bytes.toString(),
      stderr: outcome.stderr.bytes.toString(),
      isTruncated: outcome.stdout.isTruncated || outcome.stderr.isTruncated,
      files: Object.fromEntries(outcome.files.map((file) => [file.path, file.content.toString()])),
      tookMs,
    };
  }

  async close(): Promise<void> {
    await this.#box.close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
