import { decodeCharset } from './decode-charset.ts';
import { decodeHeader } from './encoded-word.ts';
import { parseHeaders, parseParameters, type Header } from './mime-headers.ts';
import { fromQuotedPrintable } from './quoted-printable.ts';

/** A file in a mail that was read. */
export interface ParsedFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** A mail that was read. */
export interface ParsedMail {
  readonly headers: readonly Header[];
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly ParsedFile[];
}

interface Found {
  text: string | undefined;
  html: string | undefined;
  readonly attachments: ParsedFile[];
}

const BODIES: Readonly<Record<string, 'text' | 'html'>> = {
  'text/plain': 'text',
  'text/html': 'html',
};

/** Nesting that no honest mail has. */
const DEEPEST = 20;

/** Reads a mail. Never fails: what is no MIME is shown as text. */
export function parseMime(mime: Buffer): ParsedMail {
  const source = mime.toString('latin1');
  const found: Found = { text: undefined, html: undefined, attachments: [] };
  readEntity(source, found, 0);
  return { headers: parseHeaders(source).headers, ...found };
}

function readEntity(source: string, found: Found, depth: number): void {
  const { headers, body } = parseHeaders(source);
  const of = (name: string, otherwise: string) =>
    parseParameters(
      headers.find((header) => header.name.toLowerCase() === name)?.value ?? otherwise,
    );
  const type = of('content-type', 'text/plain');
  const boundary = type.parameters.boundary;
  if (type.value.startsWith('multipart/') && boundary !== undefined && depth < DEEPEST) {
    for (const part of partsOf(body, boundary)) readEntity(part, found, depth + 1);
    return;
  }
  const content = decodeBody(body, of('content-transfer-encoding', '7bit').value);
  const disposition = of('content-disposition', '');
  const fileName = disposition.parameters.filename ?? type.parameters.name;
  const isBody = disposition.value !== 'attachment' && fileName === undefined;
  const kind = isBody ? BODIES[type.value] : undefined;
  if (kind !== undefined && found[kind] === undefined) {
    found[kind] = decodeCharset(content, type.parameters.charset ?? 'utf-8');
    return;
  }
  found.attachments.push({
    fileName: decodeHeader(fileName ?? `part-${found.attachments.length + 1}`),
    contentType: type.value,
    content,
  });
}

/** What lies between the boundary lines, each part without the line end before the next boundary. */
function partsOf(body: string, boundary: string): string[] {
  const lines = body.split(/\r?\n/);
  const parts: string[] = [];
  let part: string[] | undefined;
  for (const line of lines) {
    const trimmed = line.trimEnd();
    if (trimmed === `--${boundary}` || trimmed === `--${boundary}--`) {
      if (part) parts.push(part.join('\r\n'));
      if (trimmed.endsWith('--') && trimmed !== `--${boundary}`) return parts;
      part = [];
    } else {
      part?.push(line);
    }
  }
  if (part) parts.push(part.join('\r\n'));
  return parts;
}

function decodeBody(body: string, encoding: string): Buffer {
  switch (encoding) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return fromQuotedPrintable(body);
    default:
      return Buffer.from(body, 'latin1');
  }
}
