import type { Action } from '#local/kernel/service.ts';
import { onExecution } from '../arn.ts';
import { inSeconds, type StatesContext } from '../states-context.ts';

interface Input {
  readonly executionArn?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Aborts an execution; one that has ended stays as it is. */
export const stopExecution = (states: StatesContext): Action<Input> => ({
  authorize: ({ executionArn }, { cloud }) => onExecution(cloud, 'StopExecution', executionArn),
  run({ executionArn, error, cause }, { cloud }) {
    const { id } = states.executions.get(executionArn);
    states.engine.get(id)?.stop({
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    return { stopDate: inSeconds(states.executions.byId(id)?.stopped ?? cloud.now()) };
  },
});
