import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Wire, WireRequest } from '#local/kernel/service.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly action: string;
  /** What the groups of `path` hold. */
  readonly names: readonly string[];
}

const ROUTES: readonly Route[] = [
  route('POST', '/2015-03-31/functions/{FunctionName}/invocations', 'Invoke'),
  route('GET', '/2015-03-31/functions', 'ListFunctions'),
  route('GET', '/2015-03-31/functions/{FunctionName}', 'GetFunction'),
  route('GET', '/2015-03-31/functions/{FunctionName}/configuration', 'GetFunctionConfiguration'),
  route('GET', '/2015-03-31/functions/{FunctionName}/versions', 'ListVersionsByFunction'),
  route('GET', '/2015-03-31/functions/{FunctionName}/aliases', 'ListAliases'),
  route('GET', '/2015-03-31/functions/{FunctionName}/aliases/{Name}', 'GetAlias'),
  route('GET', '/2015-03-31/functions/{FunctionName}/policy', 'GetPolicy'),
  route('GET', '/2019-09-30/functions/{FunctionName}/concurrency', 'GetFunctionConcurrency'),
  route('GET', '/2015-03-31/event-source-mappings', 'ListEventSourceMappings'),
  route('GET', '/2015-03-31/event-source-mappings/{UUID}', 'GetEventSourceMapping'),
];

/** Query parameters by the name of the member that they fill. */
const QUERY: Readonly<Record<string, string>> = {
  Qualifier: 'Qualifier',
  Marker: 'Marker',
  FunctionVersion: 'FunctionVersion',
  EventSourceArn: 'EventSourceArn',
  FunctionName: 'FunctionName',
};

/** Lambda's REST-JSON protocol. A payload is a JSON string in-process. */
export const lambdaWire: Wire = {
  parse(request) {
    const found = find(request);
    const input: Record<string, unknown> = { ...found.input };
    for (const [parameter, member] of Object.entries(QUERY)) {
      const value = request.query.get(parameter);
      if (value !== null) input[member] = value;
    }
    const maxItems = request.query.get('MaxItems');
    if (maxItems !== null) input.MaxItems = Number(maxItems);
    return {
      action: found.action,
      input: found.action === 'Invoke' ? invoke(input, request) : input,
    };
  },
  success(action, output, requestId) {
    if (action === 'Invoke') return invoked(output as InvokeOutput, requestId);
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
      body: JSON.stringify(output ?? {}),
    };
  },
  failure: (error, requestId) => ({
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ ...error.fields, Message: error.message, message: error.message }),
  }),
};

/** What `Invoke` answers. */
export interface InvokeOutput {
  readonly StatusCode: number;
  readonly FunctionError?: 'Unhandled';
  /** Base64. */
  readonly LogResult?: string;
  readonly ExecutedVersion?: string;
  /** JSON. */
  readonly Payload?: string;
}

function invoke(input: Record<string, unknown>, { headers, body }: WireRequest): unknown {
  if (headers['x-amz-durable-execution-name']) throw notServed('durable executions of functions');
  if (headers['x-amz-tenant-id']) throw notServed('the tenant isolation mode of functions');
  const context = headers['x-amz-client-context'];
  return {
    ...input,
    InvocationType: headers['x-amz-invocation-type'],
    LogType: headers['x-amz-log-type'],
    ClientContext: context,
    TraceHeader: headers['x-amzn-trace-id'],
    Payload: body.toString('utf8'),
  };
}

function invoked(output: InvokeOutput, requestId: string): ReturnType<Wire['success']> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
  };
  if (output.ExecutedVersion) headers['x-amz-executed-version'] = output.ExecutedVersion;
  if (output.FunctionError) headers['x-amz-function-error'] = output.FunctionError;
  if (output.LogResult) headers['x-amz-log-result'] = output.LogResult;
  return { status: output.StatusCode, headers, body: output.Payload ?? '' };
}

function find({ method, path }: WireRequest): { action: string; input: Record<string, string> } {
  const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  for (const candidate of ROUTES) {
    const match = candidate.method === method ? candidate.path.exec(plain) : null;
    if (!match) continue;
    const values = candidate.names.map((name, index) => [
      name,
      decodeURIComponent(match[index + 1] ?? ''),
    ]);
    return {
      action: candidate.action,
      input: Object.fromEntries(values) as Record<string, string>,
    };
  }
  throw new AwsError(
    'NotServedLocally',
    `The local cloud does not serve lambda ${method} ${path}.`,
    501,
  );
}

function route(method: string, template: string, action: string): Route {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const path = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
  return { method, path, action, names };
}
