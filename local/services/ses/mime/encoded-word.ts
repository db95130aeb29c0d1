import { decodeCharset } from './decode-charset.ts';

/** So that each word with its frame stays within the 75 characters of RFC 2047. */
const BYTES_A_WORD = 45;

/** A header value in ASCII: as it is, or as encoded words. Line breaks become spaces. */
export function encodeHeader(value: string): string {
  const line = value.replaceAll(/[\r\n]+/g, ' ');
  if (/^[\x20-\x7e]*$/.test(line)) return line;
  const words: string[] = [];
  let chunk = '';
  for (const character of line) {
    if (Buffer.byteLength(chunk + character) > BYTES_A_WORD) {
      words.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  words.push(chunk);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

/** A header value with its encoded words read. */
export function decodeHeader(value: string): string {
  return value
    .replaceAll(/(\?=)\s+(?==\?)/g, '$1')
    .replaceAll(
      /=\?([^?]+)\?([BbQq])\?([^?]*)\?=/g,
      (_, charset: string, kind: string, text: string) =>
        decodeCharset(
          kind.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : fromQ(text),
          charset,
        ),
    );
}

function fromQ(text: string): Buffer {
  const bytes = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
