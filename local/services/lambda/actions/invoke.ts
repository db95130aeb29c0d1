import { AwsError } from '#local/kernel/aws-error.ts';
import type { Action } from '#local/kernel/service.ts';
import type { EventQueue } from '../event-queue.ts';
import { functionArn, functionReference } from '../function-name.ts';
import { invalidValue } from '../function-settings.ts';
import type { FunctionStore } from '../function-store.ts';
import type { Invoker } from '../invoker.ts';
import type { InvokeOutput } from '../wire.ts';

export interface InvokeInput {
  readonly FunctionName: string;
  readonly Qualifier?: string;
  /** @default 'RequestResponse' */
  readonly InvocationType?: 'RequestResponse' | 'Event' | 'DryRun';
  readonly LogType?: 'None' | 'Tail';
  /** JSON in Base64. */
  readonly ClientContext?: string;
  /** JSON. @default '{}' */
  readonly Payload?: string;
  /** The `X-Amzn-Trace-Id` header. */
  readonly TraceHeader?: string;
}

/** Lambda quotas: 6 MB for synchronous events, 1 MB for asynchronous ones since October 2025. */
const LIMITS = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

/** Runs a function now, accepts an event for it, or tells whether the caller may. */
export function invokeAction(parts: {
  store: FunctionStore;
  invoker: Invoker;
  queue: EventQueue;
}): Action<InvokeInput, InvokeOutput> {
  return {
    authorize({ FunctionName, Qualifier }, { cloud }) {
      const reference = functionReference(FunctionName, Qualifier);
      return [{ action: 'lambda:InvokeFunction', resource: functionArn(cloud, reference) }];
    },
    run(input, { requestId }) {
      const reference = functionReference(input.FunctionName, input.Qualifier);
      parts.store.revision(reference);
      const type = input.InvocationType ?? 'RequestResponse';
      const payload = checkedPayload(input.Payload, type);
      if (type === 'DryRun') return { StatusCode: 204 };
      const event = {
        reference,
        payload,
        requestId,
        traceId: input.TraceHeader,
        clientContext: clientContext(input.ClientContext),
      };
      if (type === 'Event') {
        parts.queue.accept(event);
        return { StatusCode: 202 };
      }
      return run(parts.invoker, { ...event, wantsLog: input.LogType === 'Tail' });
    },
  };
}

async function run(
  invoker: Invoker,
  request: Parameters<Invoker['invoke']>[0],
): Promise<InvokeOutput> {
  const { revision, result } = await invoker.invoke(request);
  return {
    StatusCode: 200,
    ...(result.failed && { FunctionError: 'Unhandled' as const }),
    ...(result.logTail && { LogResult: Buffer.from(result.logTail).toString('base64') }),
    ExecutedVersion: revision.version,
    Payload: result.payload,
  };
}

function checkedPayload(payload: string | undefined, type: keyof typeof LIMITS): string {
  const limit = LIMITS[type];
  if (limit === undefined) {
    throw invalidValue(
      `Value '${String(type)}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
    );
  }
  if (!payload) return '{}';
  const bytes = Buffer.byteLength(payload);
  if (bytes > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `${bytes} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
      413,
      { Type: 'User' },
    );
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    throw badContent(`Could not parse request body into json: ${(error as Error).message}`);
  }
  return payload;
}

/** As JSON in ASCII, fit for a header. */
function clientContext(base64: string | undefined): string | undefined {
  if (!base64) return undefined;
  try {
    const json = JSON.stringify(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
    return json.replace(
      /[\u007f-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  } catch {
    throw badContent('Client context must be a valid Base64-encoded JSON object.');
  }
}

const badContent = (message: string): AwsError =>
  new AwsError('InvalidRequestContentException', message, 400, { Type: 'User' });
