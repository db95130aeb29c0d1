import { AwsError } from '#local/kernel/aws-error.ts';
import type { Wire, WireRequest } from '#local/kernel/service.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly action: string;
  /** What the path's groups are called in the input. */
  readonly names?: readonly string[];
}

const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/v2\/email\/outbound-emails$/, action: 'SendEmail' },
  { method: 'POST', path: /^\/v2\/email\/identities$/, action: 'CreateEmailIdentity' },
  // The path of the API reference, and the one that newer SDKs take.
  { method: 'GET', path: /^\/v2\/email\/identities$/, action: 'ListEmailIdentities' },
  { method: 'POST', path: /^\/v2\/email\/list-identities$/, action: 'ListEmailIdentities' },
  {
    method: 'GET',
    path: /^\/v2\/email\/identities\/([^/]+)$/,
    action: 'GetEmailIdentity',
    names: ['EmailIdentity'],
  },
];

/** SES v2 speaks REST with JSON bodies; an error's code stands in a header. */
export const sesWire: Wire = {
  parse(request) {
    for (const { method, path, action, names = [] } of ROUTES) {
      const found = request.method === method ? path.exec(request.path) : null;
      if (!found) continue;
      const fromPath = names.map((name, index) => [
        name,
        decodeURIComponent(found[index + 1] ?? ''),
      ]);
      return {
        action,
        input: {
          ...Object.fromEntries(request.query),
          ...bodyOf(request),
          ...Object.fromEntries(fromPath),
        } as unknown,
      };
    }
    return { action: `${request.method} ${request.path}`, input: {} };
  },
  success: (_action, output, requestId) => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
    body: JSON.stringify(output ?? {}),
  }),
  failure: (error, requestId) => ({
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ ...error.fields, message: error.message }),
  }),
};

function bodyOf({ body }: WireRequest): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
}
