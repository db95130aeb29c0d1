import type { Action } from '#local/kernel/service.ts';
import type { LogStreams, StreamRequest } from '../log-streams.ts';

/** Makes a stream in a group. Logs are no state of the product, so its journal row may be late. */
export const createLogStream = (streams: LogStreams): Action<StreamRequest> => ({
  reads: true,
  authorize: (input) => streams.need('CreateLogStream', input),
  run(input) {
    streams.create(input);
    return {};
  },
});
