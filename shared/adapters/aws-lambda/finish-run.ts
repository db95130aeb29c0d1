import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

const lambda = new LambdaClient({});

/** Tells `finish-run` of an execution's end as the event bus would. */
export async function invokeFinishRun(
  functionArn: string,
  execution: {
    readonly arn: string;
    readonly name: string;
    readonly status: string;
    readonly input: string;
  },
): Promise<void> {
  const { arn, name, status, input } = execution;
  await lambda.send(
    new InvokeCommand({
      FunctionName: functionArn,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify({ detail: { executionArn: arn, name, status, input } })),
    }),
  );
}
