import type { Cloud } from '#local/kernel/cloud.ts';

/** What a function answered, or the error that it ended with. */
export type Invoked =
  { readonly answer: unknown } | { readonly error: { readonly errorMessage?: string } };

/**
 * Calls a function as API Gateway, which the function's resource policy must allow for `sourceArn`.
 *
 * @throws AwsError as Lambda refuses the call
 */
export async function invokeFunction(
  cloud: Cloud,
  functionArn: string,
  event: object,
  sourceArn: string,
): Promise<Invoked> {
  const { FunctionError, Payload } = await cloud.call<{ FunctionError?: string; Payload?: string }>(
    {
      service: 'lambda',
      action: 'Invoke',
      input: {
        FunctionName: functionArn,
        InvocationType: 'RequestResponse',
        Payload: JSON.stringify(event),
      },
      principal: { kind: 'service', service: 'apigateway.amazonaws.com', sourceArn },
    },
  );
  const answer = parse(Payload);
  return FunctionError === undefined ? { answer } : { error: answer ?? {} };
}

function parse(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? '') as unknown;
  } catch {
    return undefined;
  }
}

/** Rejects with `late` when the work takes longer; the work itself goes on. */
export async function within<Result>(
  ms: number,
  late: () => Error,
  work: Promise<Result>,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
