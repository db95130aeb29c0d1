import * as z from 'zod/mini';

/** A path inside the workspace: relative, no empty, `.` or `..` part, no control character. */
export function isWorkspacePath(path: string): boolean {
  if (path.length === 0 || Buffer.byteLength(path) > 512) return false;
  if (path.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

const WorkspacePath = z
  .string()
  .check(z.refine(isWorkspacePath, 'not a path inside the workspace'));
const Url = z.url({ protocol: /^https?$/ });
const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const MIB = 1024 * 1024;

const bounded = (least: number, most: number, otherwise: number) =>
  z._default(z.int().check(z.gte(least), z.lte(most)), otherwise);

/** What a job may use at most. Every limit is enforced from outside the box. */
export const JobLimits = z.strictObject({
  /** Wall clock of the user's code. */
  seconds: bounded(1, 600, 30),
  /** Memory of all processes of the job and of its workspace together. */
  memory_mb: bounded(32, 8192, 256),
  /** Processes and threads at once. */
  pids: bounded(4, 4096, 64),
  /** Bytes of stdout, and again of stderr, that are kept; at more the job is ended. */
  output_bytes: bounded(1024, 8 * MIB, MIB),
  /** Size of `/workspace`, and the most that all artifacts together may have. */
  workspace_bytes: bounded(MIB, 2048 * MIB, 64 * MIB),
});
export type JobLimits = z.infer<typeof JobLimits>;

/** The languages of the first cut. */
export const LANGUAGES = ['python', 'javascript', 'bash'] as const;
export const Language = z.enum(LANGUAGES);
export type Language = z.infer<typeof Language>;

/** How many files a job may bring, and how many artifacts it may leave. */
export const FILES_MOST = 100;

const JobFile = z.strictObject({
  /** Relative to `/workspace`. */
  path: WorkspacePath,
  /** Presigned GET. */
  url: Url,
  sha256: Sha256,
});

/** One presigned POST policy: `starts-with` the job's prefix, a `content-length-range`, an expiry. */
const PostPolicy = z.strictObject({ url: Url, fields: z.record(z.string(), z.string()) });

/** Seconds that a lease waits for its next job: at most the 45 minutes of a waiting task. */
const LeaveAfterSeconds = z.int().check(z.gte(1), z.lte(2700));

/** One piece of code to be run in the box. */
export const Job = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('job'),
  job_id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/)),
  language: Language,
  code: z.string().check(z.maxLength(MIB)),
  args: z._default(z.array(z.string().check(z.maxLength(8192))).check(z.maxLength(256)), []),
  stdin: z._default(z.string().check(z.maxLength(8 * MIB)), ''),
  files: z._default(z.array(JobFile).check(z.maxLength(FILES_MOST)), []),
  limits: z.prefault(JobLimits, {}),
  /** Which files under `/workspace/out` are kept: all, or these paths relative to it. */
  collect: z._default(
    z.union([z.literal('all'), z.array(WorkspacePath).check(z.maxLength(FILES_MOST))]),
    'all',
  ),
  post: PostPolicy,
  /** Key prefix of everything that the job leaves; ends with `/`. */
  prefix: z.string().check(z.regex(/\/$/), z.maxLength(900)),
  /** Presigned GET, looked at each second: as soon as the object exists the job is cancelled. */
  cancel_url: z.optional(Url),
  /** Presigned GET of the lease's next job; without it the lease ends with this job. */
  next_url: z.optional(Url),
  leave_after_seconds: z.optional(LeaveAfterSeconds),
});
export type Job = z.infer<typeof Job>;

/** Ends the lease. */
export const Leave = z.strictObject({ schema: z.literal(1), kind: z.literal('leave') });

/** What a mailbox object holds. */
export const MailboxDocument = z.discriminatedUnion('kind', [Job, Leave]);
export type MailboxDocument = z.infer<typeof MailboxDocument>;

/** How a job can end, as judged from outside the box. */
export const JobStatus = z.enum([
  'exited',
  'timed_out',
  'out_of_memory',
  'output_limit',
  'cancelled',
  'failed_to_start',
]);
export type JobStatus = z.infer<typeof JobStatus>;

const Size = z.int().check(z.nonnegative());

/** Posted before the code starts, so that the starter knows that the lease is alive. */
export const Claim = z.strictObject({
  schema: z.literal(1),
  job_id: z.string(),
  claimed_at: z.iso.datetime(),
  stated_by: z.literal('runner'),
});
export type Claim = z.infer<typeof Claim>;

const Artifact = z.strictObject({
  /** Relative to `/workspace/out`. */
  path: WorkspacePath,
  size: Size,
  sha256: Sha256,
  /** `<prefix>artifact/<n>` */
  key: z.string(),
});

/** How a job went: the last object that the runner posts. Nothing in it is believed from inside. */
export const JobResult = z.strictObject({
  schema: z.literal(1),
  job_id: z.string(),
  status: JobStatus,
  /** `null` when the code did not run to its own end; 128 + n when signal n ended it. */
  exit_code: z.nullable(z.int()),
  signal: z.nullable(z.string()),
  /** UTF-8; bytes that are not are replaced by U+FFFD. */
  stdout: z.string(),
  stderr: z.string(),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  artifacts: z.array(Artifact),
  /** What was found under `/workspace/out` and not kept, with the reason. */
  skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  usage: z.strictObject({ wall_ms: Size, cpu_ms: Size, memory_peak_bytes: Size }),
  /** Why it failed to start, and the one command that repairs the machine where there is one. */
  error: z.nullable(
    z.strictObject({ code: z.string(), reason: z.string(), repair: z.nullable(z.string()) }),
  ),
  stated_by: z.literal('runner'),
});
export type JobResult = z.infer<typeof JobResult>;
