import { refusalOf, isPublicAddress } from './address-guard.ts';
import type { Input, Output } from './contract.ts';
import { readableText } from './readable-text.ts';

/** One answer of a server, before redirects are followed. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly truncated: boolean;
}

export interface FetchUrlDeps {
  /** Every address of a host. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Requests a URL from one address, which was checked; nothing is resolved again. */
  readonly request: (url: URL, address: string, maxBytes: number) => Promise<RawAnswer>;
  readonly blockedHosts: readonly string[];
}

const MAX_REDIRECTS = 5;

/**
 * Fetches a public page. Each hop is judged anew: the URL, then every address of its host; the
 * connection goes to the very address that was judged.
 */
export async function fetchUrl(input: Input, deps: FetchUrlDeps): Promise<Output> {
  let url = input.url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const parsed = URL.parse(url);
    if (!parsed) return { kind: 'failed', url, reason: 'This is not a URL.' };
    const refusal = refusalOf(parsed, deps.blockedHosts);
    if (refusal) return { kind: 'blocked', url, reason: refusal };
    const addresses = await addressesOf(parsed.hostname, deps);
    if (addresses.length === 0) return { kind: 'failed', url, reason: 'The host has no address.' };
    if (!addresses.every(isPublicAddress)) {
      return { kind: 'blocked', url, reason: 'The host has an address that is not public.' };
    }
    const answer = await attempt(parsed, addresses[0] ?? '', input.max_bytes, deps);
    if (typeof answer === 'string') return { kind: 'failed', url, reason: answer };
    const location = answer.headers['location'];
    if (answer.status >= 300 && answer.status < 400 && location) {
      url = URL.parse(location, parsed.href)?.href ?? location;
      continue;
    }
    return page(url, answer);
  }
  return { kind: 'failed', url, reason: `More than ${MAX_REDIRECTS} redirects.` };
}

async function addressesOf(
  hostname: string,
  { resolve }: FetchUrlDeps,
): Promise<readonly string[]> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isPublicAddress(bare)) return [bare];
  try {
    return await resolve(bare);
  } catch {
    return [];
  }
}

async function attempt(
  url: URL,
  address: string,
  maxBytes: number,
  { request }: FetchUrlDeps,
): Promise<RawAnswer | string> {
  try {
    return await request(url, address, maxBytes);
  } catch (error) {
    return `The request failed: ${error instanceof Error ? error.message : 'no reason'}`;
  }
}

function page(url: string, { status, headers, body, truncated }: RawAnswer): Output {
  const mediaType =
    (headers['content-type'] ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
  const isText = /^text\/|json|xml|javascript|csv/.test(mediaType);
  if (!isText) {
    return { kind: 'failed', url, reason: `The page is ${mediaType}, which is not text.` };
  }
  const text = new TextDecoder().decode(body);
  return {
    kind: 'fetched',
    url,
    status,
    media_type: mediaType,
    text: mediaType.includes('html') ? readableText(text) : text,
    truncated,
  };
}
