/**
 * Every error that leaves Mirai: HTTP status, whether trying again may help, and what to do. The
 * code is also the error's name, which Step Functions matches in `ErrorEquals`.
 */
export const ERROR_CODES = {
  'request.invalid': {
    status: 422,
    retryable: false,
    advice: 'Correct the fields named in `errors`.',
  },
  'request.malformed': { status: 400, retryable: false, advice: 'Send valid JSON in UTF-8.' },
  'request.too_large': { status: 413, retryable: false, advice: 'Send less than 1 MB.' },
  'auth.missing': { status: 401, retryable: false, advice: 'Send `Authorization: Bearer <key>`.' },
  'auth.forbidden': {
    status: 403,
    retryable: false,
    advice: 'Ask an owner for a role that may do this.',
  },
  'route.not_found': { status: 404, retryable: false, advice: 'See the list of routes.' },
  'task.not_found': {
    status: 404,
    retryable: false,
    advice: 'Check the task id and the key used.',
  },
  'task.not_redrivable': {
    status: 409,
    retryable: false,
    advice: 'Only a dead-lettered task can be redriven.',
  },
  'task.over': { status: 409, retryable: false, advice: 'The task has ended; submit a new one.' },
  'task.cancelled': {
    status: 409,
    retryable: false,
    advice: 'The task was cancelled; submit a new one.',
  },
  'run.not_found': { status: 404, retryable: false, advice: 'Check the run id and the key used.' },
  'run.crashed': {
    status: 500,
    retryable: true,
    advice: 'See the run’s decisions; it is retried by itself.',
  },
  'run.aborted': { status: 409, retryable: false, advice: 'The run was stopped from outside.' },
  'run.timed_out': { status: 504, retryable: false, advice: 'Raise the limit or split the task.' },
  'run.steps_exceeded': {
    status: 409,
    retryable: false,
    advice: 'Raise `limits.steps` or split the task.',
  },
  'run.superseded': {
    status: 409,
    retryable: true,
    advice: 'Another writer moved the run on; read it again.',
  },
  'approval.not_found': {
    status: 404,
    retryable: false,
    advice: 'Check the approval id and the key used.',
  },
  'approval.decided': {
    status: 409,
    retryable: false,
    advice: 'The approval has its answer already.',
  },
  'approval.self': {
    status: 403,
    retryable: false,
    advice: 'Somebody else than the requester must decide.',
  },
  'approval.refused': { status: 409, retryable: false, advice: 'A person refused the action.' },
  'approval.expired': { status: 409, retryable: false, advice: 'Nobody answered in time.' },
  'artifact.not_found': {
    status: 404,
    retryable: false,
    advice: 'List the artifacts for their names.',
  },
  'artifact.exists': { status: 409, retryable: false, advice: 'Choose another name.' },
  'idempotency.in_flight': {
    status: 409,
    retryable: true,
    advice: 'Wait for the first request to end.',
  },
  'idempotency.mismatch': {
    status: 422,
    retryable: false,
    advice: 'Use a new Idempotency-Key for another body.',
  },
  'policy.denied': { status: 403, retryable: false, advice: 'The policy forbids the action.' },
  'policy.invalid': {
    status: 422,
    retryable: false,
    advice: 'Correct the policy at the line named.',
  },
  'permit.invalid': {
    status: 403,
    retryable: false,
    advice: 'The action differs from what was permitted.',
  },
  'permit.expired': { status: 403, retryable: true, advice: 'The action is judged again.' },
  'budget.exceeded': { status: 402, retryable: false, advice: 'Raise the limit of the task.' },
  'budget.unpriced': { status: 422, retryable: false, advice: 'Add the model to the price book.' },
  'model.unavailable': {
    status: 503,
    retryable: true,
    advice: 'The model’s endpoint failed; it is tried again.',
  },
  'model.refused': { status: 422, retryable: false, advice: 'The model refused the task.' },
  'tool.unknown': { status: 422, retryable: false, advice: 'List the tools for their names.' },
  'tool.input_invalid': { status: 422, retryable: false, advice: 'Correct the tool’s input.' },
  'tool.failed': { status: 422, retryable: false, advice: 'See the step’s observation.' },
  'tool.crashed': {
    status: 500,
    retryable: true,
    advice: 'The executor died; the step is looked at again.',
  },
  'effect.unknown': {
    status: 409,
    retryable: false,
    advice: 'A person must say whether the effect happened.',
  },
  'sandbox.unavailable': { status: 503, retryable: false, advice: 'Run `mirai doctor --fix`.' },
  'sandbox.lost': {
    status: 503,
    retryable: true,
    advice: 'The sandbox ended before it answered; the job is started again.',
  },
  'sandbox.timed_out': {
    status: 422,
    retryable: false,
    advice: 'Raise `timeout_seconds` (at most 600).',
  },
  'sandbox.out_of_memory': { status: 422, retryable: false, advice: 'The code needs less memory.' },
  'fetch.blocked': { status: 403, retryable: false, advice: 'The address is not public.' },
  'store.unavailable': { status: 503, retryable: true, advice: 'Try again shortly.' },
  'internal.failure': {
    status: 500,
    retryable: true,
    advice: 'Try again; quote the trace id to an operator.',
  },
} as const satisfies Record<string, { status: number; retryable: boolean; advice: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);
