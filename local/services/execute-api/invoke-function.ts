import type { Cloud } from '#local/kernel/cloud.ts';

/** What a function answered, or how it failed. */
export interface Invoked {
  readonly result: unknown;
  readonly error: { readonly errorType?: string; readonly errorMessage?: string } | undefined;
}

/** Calls a function as API Gateway, which its resource policy must allow for `sourceArn`. */
export async function invokeFunction(
  cloud: Cloud,
  functionArn: string,
  payload: unknown,
  sourceArn: string,
): Promise<Invoked> {
  const { FunctionError, Payload } = await cloud.call<{ FunctionError?: string; Payload?: string }>(
    {
      service: 'lambda',
      action: 'Invoke',
      input: {
        FunctionName: functionArn,
        InvocationType: 'RequestResponse',
        Payload: JSON.stringify(payload),
      },
      principal: { kind: 'service', service: 'apigateway.amazonaws.com', sourceArn },
    },
  );
  const parsed = JSON.parse(Payload === undefined || Payload === '' ? 'null' : Payload) as unknown;
  return FunctionError
    ? { result: undefined, error: parsed as Invoked['error'] }
    : { result: parsed, error: undefined };
}
