/**
 * An error as an AWS service answers it: a code that SDK clients see as `error.name`, a message, an
 * HTTP status. Thrown by actions; each wire gives it its protocol's form.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's body, such as `CancellationReasons` of a DynamoDB transaction. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Record<string, unknown> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** An action, parameter or feature that the local cloud does not serve, refused by its name. */
export const notServed = (what: string): AwsError =>
  new AwsError('NotServedLocally', `The local cloud does not serve ${what}.`, 501);
