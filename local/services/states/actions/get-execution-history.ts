import type { Action } from '#local/kernel/service.ts';
import { onExecution } from '../arn.ts';
import { historyEvent } from '../history-event.ts';
import { pagePosition, pageSize, pageToken, type StatesContext } from '../states-context.ts';

interface Input {
  readonly executionArn?: string;
  readonly maxResults?: number;
  readonly reverseOrder?: boolean;
  readonly nextToken?: string;
  /** @default true */
  readonly includeExecutionData?: boolean;
}

export const getExecutionHistory = (states: StatesContext): Action<Input> => ({
  reads: true,
  authorize: ({ executionArn }, { cloud }) =>
    onExecution(cloud, 'GetExecutionHistory', executionArn),
  run({ executionArn, maxResults, reverseOrder = false, nextToken, includeExecutionData = true }) {
    const { id } = states.executions.get(executionArn);
    const limit = pageSize(maxResults);
    const after = pagePosition(nextToken, reverseOrder ? Number.MAX_SAFE_INTEGER : 0);
    const events = states.executions.page(id, { after, limit: limit + 1, reverse: reverseOrder });
    const page = events.slice(0, limit);
    return {
      events: page.map((event) => historyEvent(event, includeExecutionData)),
      ...(events.length > limit ? { nextToken: pageToken(page.at(-1)?.seq ?? 0) } : {}),
    };
  },
});
