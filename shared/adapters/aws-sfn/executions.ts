import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

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
