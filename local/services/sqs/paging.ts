import { AwsError } from '#local/kernel/aws-error.ts';
import { integerParameter } from './sqs-error.ts';

/** Parameters of the actions that list in pages. */
export interface PageInput {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const MOST_RESULTS = 1000;

/** One page of `all`, which is in a stable order. Without MaxResults there is no token, as on SQS. */
export function pageOf<Item extends string>(
  all: readonly Item[],
  { MaxResults, NextToken }: PageInput,
): { readonly page: readonly Item[]; readonly NextToken?: string } {
  const size = integerParameter('MaxResults', MaxResults, {
    min: 1,
    max: MOST_RESULTS,
    range: 'MaxResults must be an integer between 1 and 1000.',
  });
  const last = NextToken === undefined ? undefined : tokenText(NextToken);
  const rest = last === undefined ? all : all.filter((item) => item > last);
  const page = rest.slice(0, size ?? MOST_RESULTS);
  const more = size !== undefined && rest.length > page.length;
  return {
    page,
    ...(more ? { NextToken: Buffer.from(page.at(-1) ?? '').toString('base64url') } : {}),
  };
}

function tokenText(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text === '') throw new AwsError('InvalidParameterValueException', 'Invalid NextToken.');
  return text;
}
