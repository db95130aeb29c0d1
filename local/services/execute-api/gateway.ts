import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Method } from './api-definition.ts';
import type { Place } from './api-table.ts';
import type { Authorizers } from './authorizers.ts';
import type { EdgeRequest } from './edge-request.ts';
import {
  GatewayError,
  integrationFailed,
  missingRoute,
  timedOut,
  tooLarge,
} from './gateway-error.ts';
import { invokeFunction, within, type Invoked } from './invoke-function.ts';
import { readProxyAnswer, type EdgeAnswer } from './proxy-answer.ts';
import { methodArn, proxyEvent, type Caller, type RoutedRequest } from './proxy-event.ts';

/** Told about on the way, for the access log. */
export interface Trail {
  resourcePath?: string;
  principalId?: string;
}

/**
 * Serves one request of a stage: finds its route, asks the authorizer, calls the function.
 *
 * @throws GatewayError what API Gateway answers by itself
 */
export async function serveRequest(
  parts: { readonly cloud: Cloud; readonly authorizers: Authorizers },
  { stage, routes, path }: Place,
  request: EdgeRequest,
  trail: Trail,
): Promise<EdgeAnswer> {
  const route = routes.find(request.method, path);
  if (!route) throw missingRoute();
  trail.resourcePath = route.resource.path;
  const { apiId, name, deploymentId } = stage;
  const routed: RoutedRequest = { request, apiId, stage: name, deploymentId, path, route };
  const { authorizer } = route.method;
  const caller = authorizer && (await parts.authorizers.check(authorizer, routed));
  if (caller) trail.principalId = caller.principalId;
  const invoked = await invokeIntegration(parts.cloud, route.method, routed, caller);
  if ('error' in invoked) throw integrationFailed(502);
  return readProxyAnswer(invoked.answer);
}

async function invokeIntegration(
  cloud: Cloud,
  { functionArn, timeoutMs }: Method,
  routed: RoutedRequest,
  caller: Caller | undefined,
): Promise<Invoked> {
  try {
    const event = proxyEvent(cloud, routed, caller);
    const call = invokeFunction(cloud, functionArn, event, methodArn(cloud, routed));
    return await within(timeoutMs, timedOut, call);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (error instanceof AwsError && error.code === 'RequestTooLargeException') throw tooLarge();
    console.error(`integration ${functionArn}:`, error);
    throw integrationFailed(500);
  }
}
