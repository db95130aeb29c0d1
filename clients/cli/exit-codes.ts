/** What the shell learns from a command. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** A person has to answer first. */
  waiting: 3,
  /** Denied by policy, refused by a person, or nobody answered in time. */
  denied: 4,
  budget: 5,
  /** Something is not what it says it is. */
  unverified: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code that an error code of the API stands for. */
export function exitCodeOf(code: string | null): ExitCode {
  if (code === null) return EXIT.ok;
  if (['policy.denied', 'approval.refused', 'approval.expired'].includes(code)) return EXIT.denied;
  return code === 'budget.exceeded' ? EXIT.budget : EXIT.failed;
}
