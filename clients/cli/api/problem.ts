import * as z from 'zod/mini';
import { toProblem, type Problem } from '#shared/errors/to-http.ts';

const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  advice: z.string(),
  trace_id: z.string(),
  errors: z.optional(z.array(z.object({ pointer: z.string(), message: z.string() }))),
});

/** An answer of the API that says no. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** The problem in an answer's body; an answer that is no problem document is a failure of the other side. */
export function problemIn(status: number, body: unknown, traceId: string): Problem {
  const parsed = ProblemDocument.safeParse(body);
  if (parsed.success) return parsed.data;
  const said =
    body !== null && typeof body === 'object' && 'message' in body ? String(body.message) : '';
  return {
    ...toProblem(undefined, traceId),
    status,
    detail: `The platform answered ${status}${said ? `: ${said}` : ''}.`,
  };
}
