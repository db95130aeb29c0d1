import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import { appendLog } from '../append-log.ts';
import type { LogStreams, StreamRequest } from '../log-streams.ts';

interface Input extends StreamRequest {
  readonly logEvents?: readonly { readonly timestamp: number; readonly message: string }[];
}

/** The most events of one call, as the API reference has it. */
const MOST_EVENTS = 10_000;

/** Writes lines to the group's file. Logs are no state of the product, so its journal row may be late. */
export const putLogEvents = (streams: LogStreams): Action<Input> => ({
  reads: true,
  authorize: (input) => streams.need('PutLogEvents', input),
  run(input, { cloud }) {
    const { logEvents = [] } = input;
    if (logEvents.length < 1 || logEvents.length > MOST_EVENTS) {
      throw new AwsError('InvalidParameterException', `A call has 1 to ${MOST_EVENTS} events.`);
    }
    const { group, stream } = streams.existing(input);
    for (const { message } of logEvents) appendLog(cloud, group, stream, message);
    return {};
  },
});
