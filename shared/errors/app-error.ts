import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** One field of a request that is wrong. */
export interface FieldError {
  /** A JSON pointer into the body, such as `/workflow/steps/0/tool`. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * The only error class that Mirai throws on purpose. Its name is its code, because Step Functions
 * matches `ErrorEquals` on the name. Expected outcomes (denied, refused, tool failed) are results.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; fields?: readonly FieldError[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.name = code;
    this.fields = options.fields ?? [];
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}
