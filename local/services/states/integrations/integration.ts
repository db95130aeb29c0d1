import type { Json, JsonObject } from '#local/workflow/json.ts';
import type { TaskOutcome } from '#local/workflow/execution.ts';
import type { TaskCall } from '#local/workflow/scene.ts';

/** One call of an AWS service for a task. */
export interface Integration {
  /** The service's name for `cloud.call`, such as `sqs`. */
  readonly service: string;
  /** What error names begin with, such as `SQS`. */
  readonly errorPrefix: string;
  /** The SDK's way of naming a service in causes. */
  readonly errors: ErrorStyle;
  /** How a task's parameters become the call's input. */
  input(parameters: JsonObject, call: TaskCall): JsonObject;
  /** The API's action, such as `SendMessage`. */
  readonly action: string;
  /** What the task gives for the call's answer. @throws TaskFailure when the answer tells of a failure */
  output(answer: JsonObject): Json;
}

/** How the causes of failed calls are written: by the SDK for Java 1 or 2. */
export type ErrorStyle =
  | {
      readonly sdk: 1;
      readonly service: string;
      readonly general: string;
      readonly modeled?: ReadonlySet<string>;
    }
  | { readonly sdk: 2; readonly service: string };

/** A call that was answered, but whose answer is the task's failure. */
export class TaskFailure extends Error {
  readonly outcome: TaskOutcome;

  constructor(error: string, cause: string) {
    super(cause);
    this.outcome = { kind: 'failed', error, cause };
  }
}

/** What the SDK's answer carries besides the service's own members. */
export function withMetadata(answer: JsonObject, requestId: string): JsonObject {
  const headers = { 'x-amzn-RequestId': requestId };
  return {
    ...answer,
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [requestId] },
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** Gives the text of a member that services take as a string but definitions may write as JSON. */
export const asText = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
