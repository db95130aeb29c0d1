import { integrationFailed } from './gateway-error.ts';

/** What goes back to the client. */
export interface EdgeAnswer {
  readonly status: number;
  /** Names as the function wrote them. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

const MEMBERS = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/** Headers of a function's answer that API Gateway passes on as `x-amzn-Remapped-…`. */
const REMAPPED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'user-agent',
  'www-authenticate',
]);

/** Headers of the connection, which API Gateway drops. */
const DROPPED = new Set(['keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads what a function of a proxy integration answered. Without binary media types the body is
 * passed on as it is, even one that is said to be Base64.
 *
 * @throws GatewayError 502 for an answer of any other form
 */
export function readProxyAnswer(answer: unknown): EdgeAnswer {
  if (!isObject(answer)) throw integrationFailed(502);
  const { statusCode, body = '', headers, multiValueHeaders, isBase64Encoded = false } = answer;
  const status = Number(statusCode);
  const isGood =
    Object.keys(answer).every((name) => MEMBERS.has(name)) &&
    ['number', 'string'].includes(typeof statusCode) &&
    Number.isInteger(status) &&
    status >= 100 &&
    status <= 599 &&
    (typeof body === 'string' || body === null) &&
    typeof isBase64Encoded === 'boolean';
  if (!isGood) throw integrationFailed(502);
  return {
    status,
    headers: mergedHeaders(headers, multiValueHeaders),
    body: body ?? '',
  };
}

/** All values of a header; those of `multiValueHeaders` count where both name it. */
function mergedHeaders(headers: unknown, multi: unknown): Record<string, string | string[]> {
  const merged: Record<string, string | string[]> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(objectOr502(headers))) {
    put(merged, name, [value]);
  }
  for (const [name, values] of Object.entries(objectOr502(multi))) {
    if (!Array.isArray(values)) throw integrationFailed(502);
    put(merged, name, values);
  }
  return merged;
}

function put(merged: Record<string, unknown>, name: string, values: readonly unknown[]): void {
  const lower = name.toLowerCase();
  if (DROPPED.has(lower)) return;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw integrationFailed(502);
  const texts = values.filter((value) => value !== null).map(textOf);
  const [first] = texts;
  if (first === undefined) return;
  merged[REMAPPED.has(lower) ? `x-amzn-remapped-${lower}` : lower] =
    texts.length === 1 ? first : texts;
}

function textOf(value: unknown): string {
  const text =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '\n';
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) throw integrationFailed(502);
  return text;
}

function objectOr502(value: unknown): Members {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw integrationFailed(502);
  return value;
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
