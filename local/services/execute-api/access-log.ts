import type { Cloud } from '#local/kernel/cloud.ts';
import { appendLog } from '#local/services/logs/append-log.ts';
import type { Stage } from './api-table.ts';
import type { EdgeRequest } from './edge-request.ts';
import { headerOf } from './edge-request.ts';
import { logTime } from './proxy-event.ts';

/** What is known of a request once it has been answered. */
export interface Served {
  readonly request: EdgeRequest;
  readonly resourcePath?: string;
  readonly principalId?: string;
  readonly status: number;
  /** Bytes. */
  readonly responseLength: number;
  /** Milliseconds. */
  readonly responseLatency: number;
  /** What the gateway itself answered. */
  readonly error?: string;
}

/** Writes the line of a request by the stage's format; a variable that is not known gives `-`. */
export function writeAccessLog(cloud: Cloud, stage: Stage, served: Served): void {
  if (!stage.accessLog) return;
  const values = valuesOf(stage, served);
  const line = stage.accessLog.format.replaceAll(
    /\$context\.([\w.]+)/g,
    (_text, name: string) => values[name] ?? '-',
  );
  appendLog(cloud, stage.accessLog.group, stage.apiId, line);
}

function valuesOf(stage: Stage, served: Served): Readonly<Record<string, string | undefined>> {
  const { request } = served;
  return {
    apiId: stage.apiId,
    'authorizer.principalId': served.principalId,
    domainName: headerOf(request, 'host'),
    'error.message': served.error,
    extendedRequestId: request.extendedRequestId,
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': headerOf(request, 'user-agent'),
    path: request.path,
    protocol: 'HTTP/1.1',
    requestId: request.requestId,
    requestTime: logTime(request.at),
    requestTimeEpoch: String(request.at),
    resourcePath: served.resourcePath,
    responseLatency: String(Math.round(served.responseLatency)),
    responseLength: String(served.responseLength),
    stage: stage.name,
    status: String(served.status),
  };
}
