/** A header with its folded lines joined, not decoded. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** The headers before the first empty line, and the body after it. */
export function parseHeaders(source: string): {
  readonly headers: Header[];
  readonly body: string;
} {
  const end = /\r?\n\r?\n/.exec(source);
  const head = end ? source.slice(0, end.index) : source;
  const body = end ? source.slice(end.index + end[0].length) : '';
  if (/^\r?\n/.test(source)) return { headers: [], body: source.replace(/^\r?\n/, '') };
  const headers = head
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line): Header[] => {
      const colon = line.indexOf(':');
      return colon > 0
        ? [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }]
        : [];
    });
  return { headers, body };
}

/** A header such as `text/plain; charset=UTF-8`: its value and parameters, names in lower case. */
export function parseParameters(header: string): {
  readonly value: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const [value = '', ...rest] = header.match(/(?:"(?:\\.|[^"\\])*"|[^;"])+/g) ?? [];
  const pairs = rest.flatMap((part): [string, string][] => {
    const found = /^\s*([^=\s*]+)(\*?)\s*=\s*(.*?)\s*$/s.exec(part);
    if (!found) return [];
    const [, name = '', extended = '', raw = ''] = found;
    const text = raw.replace(/^"(.*)"$/s, '$1').replaceAll(/\\(.)/g, '$1');
    return [[name.toLowerCase(), extended === '' ? text : decodeExtended(text)]];
  });
  return { value: value.trim().toLowerCase(), parameters: Object.fromEntries(pairs) };
}

/** `UTF-8''na%C3%AFve.txt`, from RFC 2231. */
function decodeExtended(text: string): string {
  const encoded = text.replace(/^[^']*'[^']*'/, '');
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
