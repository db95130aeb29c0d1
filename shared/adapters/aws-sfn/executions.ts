import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';

const sfn = new SFNClient({});

/** Starts an execution under a name; one that was started under that name before is left alone. */
export async function startExecution(
  stateMachineArn: string,
  name: string,
  input: unknown,
): Promise<void> {
  try {
    await sfn.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** The ARN of an execution: the state machine's, without version or alias, and the name. */
const executionArn = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.split(':').slice(0, 7).join(':').replace(':stateMachine:', ':execution:')}:${name}`;

/** How an execution stands, or undefined when there is none of that name. */
export async function executionOf(
  stateMachineArn: string,
  name: string,
): Promise<{ arn: string; status: string; input: string } | undefined> {
  const arn = executionArn(stateMachineArn, name);
  try {
    const { status, input } = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    return { arn, status: status ?? '', input: input ?? '{}' };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** Stops an execution from outside. */
export async function stopExecution(
  stateMachineArn: string,
  name: string,
  cause: string,
): Promise<void> {
  await sfn.send(
    new StopExecutionCommand({ executionArn: executionArn(stateMachineArn, name), cause }),
  );
}
