import { OPTIMIZED, VARIANTS } from './optimized.ts';
import { sdkIntegration } from './aws-sdk.ts';
import type { Integration } from './integration.ts';

/** How a task ends: with the call's answer, by a token, or when what it started has ended. */
export type TaskMode = 'answer' | 'token' | 'sync' | 'sync:2';

/**
 * The integration that a resource names.
 *
 * @param resourceType such as `sqs` or `aws-sdk:kms`
 * @param resource such as `sendMessage.waitForTaskToken`
 */
export function findIntegration(
  resourceType: string,
  resource: string,
): { integration: Integration; mode: TaskMode } | undefined {
  const [action = '', variant] = resource.split('.');
  const sdk = /^aws-sdk:(.+)$/.exec(resourceType)?.[1];
  const integration =
    sdk === undefined ? OPTIMIZED[`${resourceType}:${action}`] : sdkIntegration(sdk, action);
  if (!integration) return undefined;
  if (variant === undefined) return { integration, mode: 'answer' };
  const variants = sdk === undefined ? VARIANTS[`${resourceType}:${action}`] : ['waitForTaskToken'];
  if (!variants?.includes(variant)) return undefined;
  return { integration, mode: variant === 'waitForTaskToken' ? 'token' : (variant as TaskMode) };
}
