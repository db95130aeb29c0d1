import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import { takeMembers } from '#local/template/take-properties.ts';
import type { Method } from './api-definition.ts';

/** What API Gateway waits for an integration unless told otherwise; regional APIs may have more. */
const TIMEOUT_MS = { least: 50, most: 29_000 };

/**
 * Reads the integration of a method: a Lambda proxy, whose answers are not streamed.
 *
 * @throws AwsError `NotServedLocally` for any other integration
 */
export function readIntegration(
  where: string,
  integration: unknown,
): Pick<Method, 'functionArn' | 'timeoutMs'> {
  const members = takeMembers(
    `${where}: x-amazon-apigateway-integration`,
    (integration ?? {}) as Readonly<Record<string, unknown>>,
    {
      served: ['type', 'httpMethod', 'uri', 'timeoutInMillis', 'responseTransferMode'],
      // A proxy integration takes every content type.
      inert: ['passthroughBehavior'],
    },
  );
  const type = String(members.type).toLowerCase();
  if (type !== 'aws_proxy') throw notServed(`integrations of the type ${type} (${where})`);
  const { uri, httpMethod, responseTransferMode = 'BUFFERED', timeoutInMillis } = members;
  if (responseTransferMode !== 'BUFFERED') throw notServed(`response streaming (${where})`);
  if (httpMethod !== 'POST') {
    throw new AwsError('BadRequestException', `${where}: a function is called with POST.`);
  }
  const timeoutMs = Number(timeoutInMillis ?? TIMEOUT_MS.most);
  if (!(timeoutMs >= TIMEOUT_MS.least && timeoutMs <= TIMEOUT_MS.most)) {
    throw new AwsError(
      'BadRequestException',
      `Timeout should be between ${TIMEOUT_MS.least} ms and ${TIMEOUT_MS.most} ms`,
    );
  }
  return { functionArn: functionOfUri(where, uri), timeoutMs };
}

/** The function that a URI of the form `…:lambda:path/2015-03-31/functions/<arn>/invocations` names. */
export function functionOfUri(where: string, uri: unknown): string {
  const text = typeof uri === 'string' ? uri : '';
  const match =
    /^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/[\d-]+\/functions\/(.+)\/([\w-]+)$/.exec(text);
  if (match?.[2] === 'response-streaming-invocations') {
    throw notServed(`response streaming (${where})`);
  }
  if (match?.[1] && match[2] === 'invocations') return match[1];
  throw notServed(`the integration URI ${text} (${where})`);
}
