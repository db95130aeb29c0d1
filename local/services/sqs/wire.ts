import type { AwsError } from '#local/kernel/aws-error.ts';
import { jsonWire } from '#local/kernel/json-wire.ts';
import type { Wire } from '#local/kernel/service.ts';

/** The codes that the older Query protocol gave to errors, which SDK clients still compare with. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  InvalidParameterValueException: 'InvalidParameterValue',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  MissingRequiredParameterException: 'MissingParameter',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

/** What an SQS error is called in the Query protocol, in batch results and in `error.Code`. */
export const queryCode = (error: AwsError): string => QUERY_CODES[error.code] ?? error.code;

/** SQS speaks AWS JSON 1.0 and carries its Query-protocol error code in a header beside it. */
export function sqsWire(): Wire {
  const json = jsonWire('1.0');
  return {
    ...json,
    failure(error, requestId) {
      const fault = error.status >= 500 ? 'Receiver' : 'Sender';
      const answer = json.failure(error, requestId);
      return {
        ...answer,
        headers: { ...answer.headers, 'x-amzn-query-error': `${queryCode(error)};${fault}` },
        body: JSON.stringify({
          ...error.fields,
          __type: `com.amazonaws.sqs#${error.code}`,
          message: error.message,
        }),
      };
    },
  };
}
