import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action, Service } from '#local/kernel/service.ts';
import { statesService } from '#local/services/states/states.ts';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultSettings } from '#local/kernel/faults.ts';
import { bareCloud } from './bare-cloud.ts';
import { makeResource } from './make-resource.ts';

/** What a function of these tests does with its event; throws to fail. */
export type TestFunction = (event: never) => unknown;

/** Fails an invocation with an error type of its own. */
export class FunctionError extends Error {
  readonly errorType: string;

  constructor(errorType: string, message = '') {
    super(message);
    this.errorType = errorType;
  }
}

/** Step Functions beside functions and actions that the test makes up. */
export async function statesCloud(
  options: {
    path?: string;
    faults?: FaultSettings;
    functions?: Readonly<Record<string, TestFunction>>;
    /** Actions of other services, by `service:Action`. */
    actions?: Readonly<Record<string, (input: never) => unknown>>;
  } = {},
) {
  const calls: { service: string; action: string; input: unknown; principal: unknown }[] = [];
  const running = await bareCloud((cloud) => {
    const others = new Map<string, Record<string, Action<unknown>>>();
    const served = { 'lambda:Invoke': invoke(options.functions ?? {}), ...options.actions };
    for (const [key, run] of Object.entries(served)) {
      const [service = '', action = ''] = key.split(':');
      const actions = others.get(service) ?? {};
      actions[action] = {
        authorize: () => [],
        run(input, { principal }) {
          calls.push({ service, action, input, principal });
          return run(input as never);
        },
      };
      others.set(service, actions);
    }
    const stubs = [...others].map(([name, actions]): Service => ({ name, actions }));
    return [...stubs, statesService(cloud)];
  }, options);
  const sfn = new SFNClient(running.client);
  return {
    ...running,
    sfn,
    calls,
    /** Makes a state machine and gives its ARN. */
    async machine(definition: object, properties: Readonly<Record<string, unknown>> = {}) {
      const made = await makeResource(
        running.cloud,
        'AWS::StepFunctions::StateMachine',
        'Machine',
        {
          StateMachineName: 'machine',
          DefinitionString: JSON.stringify(definition),
          RoleArn: 'arn:aws:iam::000000000000:role/machine',
          ...properties,
        },
      );
      return made.ref;
    },
    async close() {
      sfn.destroy();
      await running.close();
    },
  };
}

function invoke(functions: Readonly<Record<string, TestFunction>>) {
  return async ({ FunctionName, Payload }: { FunctionName: string; Payload?: string }) => {
    const run = functions[FunctionName.split(':').at(-1) as string];
    if (!run)
      throw new AwsError('ResourceNotFoundException', `Function not found: ${FunctionName}`, 404);
    try {
      const result = await run(JSON.parse(Payload ?? '{}') as never);
      return {
        StatusCode: 200,
        ExecutedVersion: '$LATEST',
        Payload: JSON.stringify(result ?? null),
      };
    } catch (error) {
      if (error instanceof AwsError) throw error;
      const { errorType = 'Error', message } = error as FunctionError;
      const payload = { errorType, errorMessage: message, trace: [] };
      return {
        StatusCode: 200,
        FunctionError: 'Unhandled',
        ExecutedVersion: '$LATEST',
        Payload: JSON.stringify(payload),
      };
    }
  };
}

export type StatesCloud = Awaited<ReturnType<typeof statesCloud>>;

/** The end of an execution, once it has come. */
export async function ended(sfn: SFNClient, executionArn: string | undefined) {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await sleep(2);
  }
}

/** Starts an execution with an input that is not yet text. */
export async function started(
  sfn: SFNClient,
  stateMachineArn: string,
  input: unknown = {},
  name?: string,
) {
  const request = { stateMachineArn, input: JSON.stringify(input), ...(name ? { name } : {}) };
  return sfn.send(new StartExecutionCommand(request));
}

/** Runs a definition as the state machine `machine`, from beginning to end. */
export async function run(cloud: StatesCloud, definition: object, input: unknown = {}) {
  const arn = await cloud.machine(definition);
  const { executionArn } = await started(cloud.sfn, arn, input);
  return ended(cloud.sfn, executionArn);
}

export const PASS = { Type: 'Pass', End: true };

/** A JSONata state machine that starts at the first of its states. */
export const jsonata = (states: object) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});

/** A Task that invokes a function with the state's input. */
export const lambda = (name: string, rest: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  ...rest,
});
