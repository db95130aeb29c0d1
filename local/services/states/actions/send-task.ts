import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Action, IamRequest } from '#local/kernel/service.ts';
import type { Execution } from '#local/workflow/execution.ts';
import { Data, MAX_DATA_BYTES } from '#local/workflow/json.ts';
import { machineArn } from '../arn.ts';
import { required, type StatesContext } from '../states-context.ts';

interface Input {
  readonly taskToken?: string;
}

/** Ends the task that waits with this token well. */
export const sendTaskSuccess = (
  states: StatesContext,
): Action<Input & { readonly output?: string }> => ({
  authorize: ({ taskToken }, { cloud }) => onToken(states, cloud, 'SendTaskSuccess', taskToken),
  run({ taskToken, output }) {
    const text = checkedOutput(required(output, 'output'));
    const { execution, thread, task } = waiting(states, taskToken);
    if (!execution.settle(thread, task, { kind: 'succeeded', output: Data.parse(text) }))
      throw timedOut();
    return {};
  },
});

/** Fails the task that waits with this token. */
export const sendTaskFailure = (
  states: StatesContext,
): Action<Input & { readonly error?: string; readonly cause?: string }> => ({
  authorize: ({ taskToken }, { cloud }) => onToken(states, cloud, 'SendTaskFailure', taskToken),
  run({ taskToken, error, cause }) {
    const { execution, thread, task } = waiting(states, taskToken);
    const settled = execution.settle(thread, task, {
      kind: 'failed',
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    if (!settled) throw timedOut();
    return {};
  },
});

/** Puts off the heartbeat timeout of the task that waits with this token. */
export const sendTaskHeartbeat = (states: StatesContext): Action<Input> => ({
  authorize: ({ taskToken }, { cloud }) => onToken(states, cloud, 'SendTaskHeartbeat', taskToken),
  run({ taskToken }) {
    const { execution, thread, task } = waiting(states, taskToken);
    if (!execution.heartbeat(thread, task)) throw timedOut();
    return {};
  },
});

function onToken(
  states: StatesContext,
  cloud: Cloud,
  action: string,
  token: string | undefined,
): IamRequest[] {
  const row = states.executions.byId(known(states, token).execution);
  return [{ action: `states:${action}`, resource: row ? machineArn(cloud, row.machine) : '*' }];
}

function waiting(
  states: StatesContext,
  token: string | undefined,
): { execution: Execution; thread: string; task: number } {
  const { execution: id, thread, task } = known(states, token);
  const execution = states.engine.get(id);
  if (!execution) throw timedOut();
  return { execution, thread, task };
}

function known(states: StatesContext, token: string | undefined) {
  const found = states.executions.token(required(token, 'taskToken'));
  if (!found) throw new AwsError('InvalidToken', `Invalid Token: 'Invalid token'`);
  return found;
}

const timedOut = (): AwsError =>
  new AwsError('TaskTimedOut', `Task Timed Out: 'Provided task does not exist anymore'`);

function checkedOutput(output: string): string {
  if (Buffer.byteLength(output) > MAX_DATA_BYTES) {
    throw new AwsError(
      'InvalidOutput',
      `Invalid Output: 'The output exceeds ${MAX_DATA_BYTES} bytes'`,
    );
  }
  try {
    JSON.parse(output);
    return output;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}
