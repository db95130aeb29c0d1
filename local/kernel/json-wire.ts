import { AwsError } from './aws-error.ts';
import type { Wire } from './service.ts';

/** The AWS JSON protocol: the action in `X-Amz-Target`, JSON both ways, `__type` on errors. */
export function jsonWire(version: '1.0' | '1.1'): Wire {
  const contentType = `application/x-amz-json-${version}`;
  return {
    parse(request) {
      const action = (request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
      return { action, input: parseBody(request.body) };
    },
    success: (_action, output, requestId) => ({
      status: 200,
      headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
      body: output === undefined ? '{}' : JSON.stringify(output),
    }),
    failure: (error, requestId) => ({
      status: error.status,
      headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
    }),
  };
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
}
