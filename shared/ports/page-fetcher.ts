/** What fetching a URL gave. */
export type FetchedPage =
  | {
      readonly kind: 'fetched';
      readonly url: string;
      readonly status: number;
      readonly media_type: string;
      readonly text: string;
      readonly truncated: boolean;
    }
  | { readonly kind: 'blocked' | 'failed'; readonly url: string; readonly reason: string };

/** Fetches public pages, and nothing else. */
export interface PageFetcher {
  fetch(url: string, maxBytes: number): Promise<FetchedPage>;
}
