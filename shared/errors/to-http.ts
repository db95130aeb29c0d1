import { AppError } from './app-error.ts';
import { ERROR_CODES } from './error-codes.ts';

/** An RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly advice: string;
  readonly trace_id: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** The problem document for any error; one that is not an AppError shows nothing of its inside. */
export function toProblem(error: unknown, traceId: string): Problem {
  const known =
    error instanceof AppError
      ? error
      : new AppError('internal.failure', 'Something failed on our side.');
  const { status, advice } = ERROR_CODES[known.code];
  return {
    type: `urn:mirai:error:${known.code}`,
    title: known.code.replaceAll(/[._]/g, ' '),
    status,
    code: known.code,
    detail: known.message,
    advice,
    trace_id: traceId,
    ...(known.fields.length > 0 ? { errors: known.fields } : {}),
  };
}
