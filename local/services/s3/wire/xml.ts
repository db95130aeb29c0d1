import { malformedXml } from '../s3-errors.ts';

/** An element's content: its text, or its children by name, each a list. */
export interface XmlElement {
  readonly text: string;
  readonly children: Readonly<Record<string, readonly XmlElement[]>>;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Writes a document: arrays repeat their element, undefined members are left out. */
export function writeXml(root: string, content: unknown, namespaced = true): string {
  const namespace = namespaced ? ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"' : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${inner(content)}</${root}>`;
}

/** @throws AwsError MalformedXML, also for document types, which S3 takes none of */
export function readXml(text: string): { readonly name: string; readonly element: XmlElement } {
  const tokens = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)[^<>]*?(\/?)>|[^<]+/g;
  const root = open('');
  const stack = [root];
  let end = 0;
  for (const token of text.matchAll(tokens)) {
    if (token.index !== end) throw malformedXml();
    end = token.index + token[0].length;
    readToken(token, stack);
  }
  const roots = Object.entries(root.children);
  const [name, elements] = roots[0] ?? [];
  const element = elements?.[0];
  if (end !== text.length || stack.length !== 1 || roots.length !== 1 || !name || !element) {
    throw malformedXml();
  }
  return { name, element };
}

function readToken([whole, closing, name, selfClosing]: RegExpExecArray, stack: Open[]): void {
  const top = stack.at(-1) as Open;
  if (name === undefined) {
    if (!whole.startsWith('<')) top.text += decodeText(whole);
  } else if (closing) {
    if (top.name !== name || stack.length === 1) throw malformedXml();
    stack.pop();
  } else {
    const child = open(name);
    (top.children[name] ??= []).push(child);
    if (!selfClosing) stack.push(child);
  }
}

/** The text of the first child of that name. */
export const childText = (element: XmlElement, name: string): string | undefined =>
  element.children[name]?.[0]?.text;

interface Open {
  readonly name: string;
  text: string;
  readonly children: Record<string, Open[]>;
}

const open = (name: string): Open => ({
  name,
  text: '',
  children: Object.create(null) as Open['children'],
});

function inner(content: unknown): string {
  if (content === undefined || content === null) return '';
  if (content instanceof Date) return content.toISOString();
  if (typeof content !== 'object') return escapeText(`${content as string | number | boolean}`);
  return Object.entries(content)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as unknown[]) : [value])
        .filter((one) => one !== undefined)
        .map((one) => `<${name}>${inner(one)}</${name}>`),
    )
    .join('');
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

function decodeText(text: string): string {
  return text.replace(/&(#x?)?(\w+);/g, (whole, numeric: string | undefined, body: string) => {
    if (numeric) return String.fromCodePoint(Number.parseInt(body, numeric === '#x' ? 16 : 10));
    const known = ENTITIES[body];
    if (known === undefined) throw malformedXml();
    return known || whole;
  });
}
