/** Why a state failed: an error name that Retry and Catch match, and a cause for people. */
export interface Failure {
  readonly error?: string;
  readonly cause?: string;
}

/** Thrown while a state is evaluated; the interpreter turns it into the state's failure. */
export class StateFailure extends Error implements Failure {
  readonly error: string;
  override readonly cause: string;
  /** The field whose expression failed, such as `Output/total`; told by the event EvaluationFailed. */
  readonly location: string | undefined;

  constructor(error: string, cause: string, location?: string) {
    super(cause);
    this.name = error;
    this.error = error;
    this.cause = cause;
    this.location = location;
  }
}

/** An error that is the definition's or the input's fault and that no `States.ALL` catches. */
export const runtimeFailure = (cause: string): StateFailure =>
  new StateFailure('States.Runtime', cause);

/** A JSONata expression that failed or gave something that its field does not take. */
export const queryFailure = (cause: string, location: string): StateFailure =>
  new StateFailure('States.QueryEvaluationError', cause, location);
