import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from '#local/kernel/service.ts';

/** Date (`20261121`), region and service that a signing key is made for. */
export interface CredentialScope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Half an hour of sessions of many functions; cleared when full. */
const KEPT_KEYS = 2000;
const keys = new Map<string, Buffer>();

export const sha256Hex = (data: string | Buffer): string =>
  createHash('sha256').update(data).digest('hex');

const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest();

export const scopeText = ({ date, region, service }: CredentialScope): string =>
  `${date}/${region}/${service}/aws4_request`;

/** The key that Signature Version 4 derives from a secret for one scope. */
export function signingKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const name = `${secretAccessKey}/${scopeText(scope)}`;
  let key = keys.get(name);
  if (!key) {
    key = [scope.date, scope.region, scope.service, 'aws4_request'].reduce<Buffer>(
      (present, part) => hmac(present, part),
      Buffer.from(`AWS4${secretAccessKey}`),
    );
    if (keys.size >= KEPT_KEYS) keys.clear();
    keys.set(name, key);
  }
  return key;
}

export const signatureOf = (key: Buffer, stringToSign: string): string =>
  hmac(key, stringToSign).toString('hex');

/** Compares in a time that does not depend on where two signatures differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What a request is signed with, besides its key. */
export interface SignedParts {
  /** `20261121T031500Z` */
  readonly timestamp: string;
  readonly scope: CredentialScope;
  /** In the order in which the signer names them. */
  readonly signedHeaders: readonly string[];
  /** SHA-256 of the body in hex, or a word such as `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** The text that a Signature Version 4 signs for a request. */
export function stringToSign(request: WireRequest, parts: SignedParts): string {
  const canonical = [
    request.method,
    canonicalPath(request.path, parts.scope.service),
    canonicalQuery(request.query),
    ...parts.signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name] ?? '')}`),
    '',
    parts.signedHeaders.join(';'),
    parts.payloadHash,
  ].join('\n');
  return `AWS4-HMAC-SHA256\n${parts.timestamp}\n${scopeText(parts.scope)}\n${sha256Hex(canonical)}`;
}

const canonicalValue = (value: string): string => value.trim().replace(/ {2,}/g, ' ');

/** Percent-encodes all but the unreserved characters of RFC 3986. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** S3 encodes a path once and keeps it as it is; all others normalise it and encode it again. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path.split('/').map(encodeOnce).join('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(encode(part));
  }
  const end = parts.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${parts.join('/')}${end}`;
}

function encodeOnce(part: string): string {
  try {
    return encode(decodeURIComponent(part));
  } catch {
    return part;
  }
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
