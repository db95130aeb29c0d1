import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { FetchedPage, PageFetcher } from '#shared/ports/page-fetcher.ts';

const lambda = new LambdaClient({});

/** Fetches through a function that has no permission of its own. */
export const lambdaPageFetcher = (functionArn: string): PageFetcher => ({
  async fetch(url, maxBytes) {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionArn,
        Payload: Buffer.from(JSON.stringify({ url, max_bytes: maxBytes })),
      }),
    );
    if (FunctionError) return { kind: 'failed', url, reason: 'The fetcher failed.' };
    return JSON.parse(Buffer.from(Payload ?? []).toString('utf8')) as FetchedPage;
  },
});
