import { AwsError } from '#local/kernel/aws-error.ts';
import { sameText, sha256Hex, signatureOf } from './signing.ts';
import { signatureError } from './signature-errors.ts';

/** The words in `x-amz-content-sha256` that announce an `aws-chunked` body. */
export const STREAMING_PAYLOADS: ReadonlySet<string> = new Set([
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]);

/** What chunk signatures are computed from; each is chained to the one before. */
export interface ChunkSigning {
  readonly key: Buffer;
  readonly timestamp: string;
  /** `<date>/<region>/<service>/aws4_request` */
  readonly scope: string;
  /** The request's own signature. */
  readonly seed: string;
}

/** A body without its framing. */
export interface ChunkedBody {
  readonly body: Buffer;
  /** Headers after the last chunk, such as `x-amz-checksum-crc32`, in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
}

const LINE_END = Buffer.from('\r\n');
const EMPTY_HASH = sha256Hex('');

/**
 * Takes the `aws-chunked` framing off a body.
 *
 * @param signing given when the chunks are signed
 * @throws AwsError `IncompleteBody` when the framing is broken or ends early, `SignatureDoesNotMatch`
 */
export function decodeChunks(framed: Buffer, signing?: ChunkSigning): ChunkedBody {
  const chunks: Buffer[] = [];
  let at = 0;
  let previous = signing?.seed ?? '';
  for (;;) {
    const [header, dataAt] = readLine(framed, at);
    const [hex = '', extension = ''] = header.split(';');
    if (!/^[0-9a-f]{1,8}$/i.test(hex)) throw incomplete();
    const size = Number.parseInt(hex, 16);
    if (dataAt + size > framed.length) throw incomplete();
    const data = framed.subarray(dataAt, dataAt + size);
    if (signing) previous = checkChunk(signing, previous, data, extension);
    if (size === 0)
      return {
        body: Buffer.concat(chunks),
        trailers: readTrailers(framed, dataAt, signing, previous),
      };
    chunks.push(data);
    at = dataAt + size;
    if (!framed.subarray(at, at + 2).equals(LINE_END)) throw incomplete();
    at += 2;
  }
}

function checkChunk(
  signing: ChunkSigning,
  previous: string,
  data: Buffer,
  extension: string,
): string {
  const given = extension.replace(/^chunk-signature=/, '');
  const expected = signatureOf(
    signing.key,
    `AWS4-HMAC-SHA256-PAYLOAD\n${signing.timestamp}\n${signing.scope}\n${previous}\n${EMPTY_HASH}\n${sha256Hex(data)}`,
  );
  if (!sameText(given, expected)) throw signatureError('s3', 'wrongSignature');
  return expected;
}

function readTrailers(
  framed: Buffer,
  start: number,
  signing: ChunkSigning | undefined,
  previous: string,
): Record<string, string> {
  const trailers: Record<string, string> = {};
  let signature: string | undefined;
  for (let at = start; at < framed.length;) {
    const [line, next] = readLine(framed, at);
    at = next;
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else trailers[name] = value;
  }
  if (signing && Object.keys(trailers).length > 0) {
    const canonical = Object.entries(trailers)
      .map(([name, value]) => `${name}:${value}\n`)
      .join('');
    const expected = signatureOf(
      signing.key,
      `AWS4-HMAC-SHA256-TRAILER\n${signing.timestamp}\n${signing.scope}\n${previous}\n${sha256Hex(canonical)}`,
    );
    if (!sameText(signature ?? '', expected)) throw signatureError('s3', 'wrongSignature');
  }
  return trailers;
}

/** A line, and where the next begins. */
function readLine(framed: Buffer, at: number): [string, number] {
  const end = framed.indexOf(LINE_END, at);
  if (end < 0) throw incomplete();
  return [framed.toString('latin1', at, end), end + 2];
}

const incomplete = (): AwsError =>
  new AwsError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  );
