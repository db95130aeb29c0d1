import type { HistoryEvent } from '#local/workflow/history.ts';
import type { JsonObject } from '#local/workflow/json.ts';
import { inSeconds } from './states-context.ts';

const NOT_TRUNCATED: JsonObject = { truncated: false };

/** Events whose data is kept for the interpreter alone. */
const PRIVATE_DATA: ReadonlySet<string> = new Set([
  'MapIterationStarted',
  'MapStateStarted',
  'ParallelStateStarted',
  'MapStateSucceeded',
  'ParallelStateSucceeded',
]);

/** Events that AWS gives without details. */
const BARE: ReadonlySet<string> = new Set([
  'ParallelStateStarted',
  'ParallelStateSucceeded',
  'ParallelStateFailed',
  'MapStateSucceeded',
  'MapStateFailed',
  'LambdaFunctionStarted',
]);

/**
 * An event in the form of GetExecutionHistory.
 *
 * @param includeData false leaves inputs, outputs and parameters out
 */
export function historyEvent(event: HistoryEvent, includeData: boolean): JsonObject {
  const { id, prev, at, type } = event;
  const base = { id, previousEventId: prev, timestamp: inSeconds(at), type };
  if (BARE.has(type)) return base;
  return { ...base, [detailsName(type)]: { ...event.details, ...dataOf(event, includeData) } };
}

function dataOf({ type, data }: HistoryEvent, includeData: boolean): JsonObject {
  if (!data || PRIVATE_DATA.has(type)) return {};
  // The parameters of a task have no details of their own; AWS leaves them out with the rest.
  if (type === 'TaskScheduled') return { parameters: includeData ? data.text : '' };
  const isInput =
    type === 'ExecutionStarted' || type.endsWith('Entered') || type.endsWith('Scheduled');
  const name = isInput ? 'input' : 'output';
  return { ...(includeData ? { [name]: data.text } : {}), [`${name}Details`]: NOT_TRUNCATED };
}

function detailsName(type: string): string {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
