import * as z from 'zod/mini';
import { defineTool } from './define-tool.ts';

export const fetchUrl = defineTool({
  name: 'fetch_url',
  version: '1',
  description: 'Fetch a public web page or file by http or https and give back its text.',
  input: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).check(z.maxLength(2000)),
    /** Characters, 1 to 100,000. */
    max_chars: z._default(z.int().check(z.gte(1), z.lte(100_000)), 20_000),
  }),
  runsIn: 'function',
  effect: 'reads',
  delivery: 'idempotent',
  policyNames: ['open_url'],
  destination: ({ url }) => new URL(url).hostname,
  preview: ({ url }) => ({ headline: 'Fetch a page', fields: [{ label: 'URL', value: url }] }),
  async execute({ url, max_chars }, { fetcher }) {
    const page = await fetcher.fetch(url, 1_000_000);
    if (page.kind !== 'fetched') {
      const code = page.kind === 'blocked' ? 'fetch.blocked' : 'tool.failed';
      return { kind: 'failed', code, message: page.reason };
    }
    return {
      kind: 'done',
      output: {
        url: page.url,
        status: page.status,
        media_type: page.media_type,
        text: page.text.slice(0, max_chars),
        truncated: page.truncated || page.text.length > max_chars,
      },
      summary: `${page.status} ${page.url}`,
    };
  },
});
