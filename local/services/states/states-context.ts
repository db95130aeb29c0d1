import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Engine } from './engine.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { MachineStore } from './machine-store.ts';

/** What the actions and resources of Step Functions work with. */
export interface StatesContext {
  readonly cloud: Cloud;
  readonly machines: MachineStore;
  readonly executions: ExecutionStore;
  readonly engine: Engine;
}

/** Seconds since the epoch, as the JSON protocol writes dates. */
export const inSeconds = (milliseconds: number): number => milliseconds / 1000;

/** The error for a request that does not fit the API's model. */
export const invalidRequest = (message: string): AwsError =>
  new AwsError('ValidationException', message);

/** @throws AwsError `ValidationException` when it is missing */
export function required<Value>(value: Value | undefined | null, member: string): Value {
  if (value !== undefined && value !== null) return value;
  throw invalidRequest(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

/** How many items a page may have; AWS takes 0 for its default. */
const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;

/** @throws AwsError `ValidationException` outside 0 to 1000 */
export function pageSize(maxResults: number | undefined): number {
  if (maxResults === undefined || maxResults === 0) return DEFAULT_PAGE;
  if (Number.isInteger(maxResults) && maxResults > 0 && maxResults <= MAX_PAGE) return maxResults;
  throw invalidRequest(
    `1 validation error detected: Value '${maxResults}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to ${MAX_PAGE}`,
  );
}

/** Where a page begins, told in an opaque token. */
export const pageToken = (position: number): string =>
  Buffer.from(`p${position}`).toString('base64url');

/** @throws AwsError `InvalidToken` for a token that no page gave */
export function pagePosition(token: string | undefined, first: number): number {
  if (token === undefined) return first;
  const position = Number(/^p(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1] ?? 'x');
  if (Number.isInteger(position)) return position;
  throw new AwsError('InvalidToken', `Invalid Token: 'Invalid token'`);
}

/** One page of a list that fits in memory, with the token of the next. */
export function pageOf<Item>(
  all: readonly Item[],
  { maxResults, nextToken }: { maxResults?: number; nextToken?: string },
): { items: readonly Item[]; nextToken?: string } {
  const start = pagePosition(nextToken, 0);
  const end = start + pageSize(maxResults);
  return {
    items: all.slice(start, end),
    ...(end < all.length ? { nextToken: pageToken(end) } : {}),
  };
}
