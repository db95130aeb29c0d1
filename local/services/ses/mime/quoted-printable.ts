const LONGEST_LINE = 76;

/** Text as quoted-printable with CRLF line ends (RFC 2045). */
export function quotedPrintable(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(encodeLine)
    .join('\r\n');
}

/** The bytes that quoted-printable text stands for. */
export function fromQuotedPrintable(text: string): Buffer {
  const joined = text.replaceAll(/[ \t]+(?=\r?\n|$)/g, '').replaceAll(/=\r?\n/g, '');
  const bytes = joined.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

function encodeLine(line: string): string {
  const tokens = [...Buffer.from(line, 'utf8')].map(encodeByte);
  const last = tokens.at(-1);
  if (last === ' ') tokens[tokens.length - 1] = '=20';
  if (last === '\t') tokens[tokens.length - 1] = '=09';
  let lines = '';
  let width = 0;
  for (const token of tokens) {
    // One column stays free for the mark of a soft line break.
    if (width + token.length > LONGEST_LINE - 1) {
      lines += '=\r\n';
      width = 0;
    }
    lines += token;
    width += token.length;
  }
  return lines;
}

function encodeByte(byte: number): string {
  const plain = byte === 9 || (byte >= 32 && byte <= 126 && byte !== 61);
  return plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
